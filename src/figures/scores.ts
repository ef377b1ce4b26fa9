import type { Frame } from '../engine/timeline.ts';
import { listed } from '../catalog/words.ts';
import type { Printed } from '../engine/world/prose.ts';

/** What a rule says of the entries of a prompt, by heads in view, and what became of them. */
export interface ScoreLine {
  /** [entries] the share of a head's entries that score lower, mean over the heads. */
  readonly heights: Float64Array;
  /** The share of entries that a head has given up, mean over the heads. */
  readonly cut: number;
  /** Entries of a head. */
  readonly entries: number;
  /** Heads in which the lowest score that stays equals the highest that fell, and those in which it is lower. */
  readonly tied: number;
  readonly crossed: number;
}

/**
 * @param ranks [heads * entries] (src/state/ranks.ts), not empty @param kvHeads of all layers together
 * @param tokens of a row of the frame @param heads in view
 */
export function scoreLineOf(
  ranks: Uint16Array,
  { keyBits, read }: Pick<Frame, 'keyBits' | 'read'>,
  tokens: number,
  heads: readonly number[],
): ScoreLine {
  const entries = ranks.length / (keyBits.length / tokens);
  const heights = new Float64Array(entries);
  let [fallen, tied, crossed] = [0, 0, 0];
  for (const head of heads) {
    let [lowest, highest] = [Infinity, -Infinity];
    for (let i = 0; i < entries; i++) {
      const rank = ranks[head * entries + i]!;
      heights[i]! += rank / entries / heads.length;
      if (i >= read) continue;
      if (keyBits[head * tokens + i]) lowest = Math.min(lowest, rank);
      else [fallen, highest] = [fallen + 1, Math.max(highest, rank)];
    }
    tied += Number(lowest === highest);
    crossed += Number(lowest < highest);
  }
  return { heights, cut: fallen / entries / heads.length, entries, tied, crossed };
}

const inHeads = (some: number, of: number) => (of === 1 ? '' : ` in ${some} of ${of} heads`);

/** The picture in words. */
export function scoreSentence({ cut, entries, tied, crossed }: ScoreLine, heads: number): string {
  const fell = Math.round(cut * entries);
  const [over, within, mean] =
    heads > 1 ? [`, mean over ${heads} heads`, 'in each head ', ' on average'] : ['', '', ''];
  return [
    `A word’s bar is as high as the share of words that score lower${over};`,
    fell ? `${within}what lies under the cut fell: ${fell} of ${entries}${mean}.` : 'nothing has fallen.',
    tied ? `Equal scores lie on both sides of the cut${inHeads(tied, heads)}.` : '',
    crossed
      ? `Words stay that score lower than some that fell${inHeads(crossed, heads)}: not this score alone decides.`
      : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** The words that stand lowest of those that some head in view still holds, each told once: what a smaller budget takes next. */
export function nextToFall({ heights }: ScoreLine, level: Uint8Array, printed: readonly Printed[], count = 3): string {
  const held = printed.flatMap(({ text }, i) => (level[i] && text.length > 1 ? [i] : []));
  const texts = held.sort((a, b) => heights[a]! - heights[b]! || a - b).map((i) => printed[i]!.text);
  const lowest = [...new Set(texts)].slice(0, count);
  return lowest.length ? `Lowest of what stays: ${listed(lowest.map((text) => `“${text}”`))}.` : '';
}

/** Words with what is written to them without a space, which no line end may part. @returns for each run the positions of its words, <bos> left out */
export function runsOf(printed: readonly Printed[]): number[][] {
  const runs: number[][] = [];
  for (let i = 1; i < printed.length; i++) {
    if (printed[i]!.space || !runs.length) runs.push([i]);
    else runs.at(-1)!.push(i);
  }
  return runs;
}
