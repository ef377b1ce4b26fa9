import type { ShownPrompt } from '../state/compare.ts';

const ends = new Set(['.', '?']);

/** Where the sentences of a text begin and end, `<bos>` left out. */
function sentencesOf({ words, textLength }: Pick<ShownPrompt, 'words' | 'textLength'>): [number, number][] {
  const sentences: [number, number][] = [];
  for (let from = 1, at = 1; at < textLength; at++) {
    if (!ends.has(words[at]!) && at < textLength - 1) continue;
    sentences.push([from, at + 1]);
    from = at + 1;
  }
  return sentences;
}

/**
 * The part of a text that is shown where not all of it has room: whole sentences, first the one that answers, then those that answers are owed to, then what
 * stands around them.
 * @param causes positions of words that some answer is owed to @param room words that there is room for
 * @returns positions in the order of the text; undefined where all of it has room
 */
export function passageOf(
  prompt: Pick<ShownPrompt, 'words' | 'textLength' | 'sentence'>,
  causes: readonly number[],
  room: number,
): readonly number[] | undefined {
  if (room >= prompt.textLength - 1) return undefined;
  const sentences = sentencesOf(prompt);
  const having = (position: number) => sentences.findIndex(([from, to]) => position >= from && position < to);
  const first = having(prompt.sentence?.[0] ?? prompt.textLength - 1);
  const mattering = [first, ...causes.map(having)].filter((i) => i >= 0);
  const far = (i: number) => Math.min(...mattering.map((other) => Math.abs(other - i)));
  const order = sentences
    .map((_, i) => i)
    .sort((a, b) => (a === first ? -1 : b === first ? 1 : far(a) - far(b) || a - b));
  const taken = new Set<number>();
  let left = room;
  for (const i of order) {
    left -= sentences[i]![1] - sentences[i]![0];
    if (left < 0 && taken.size) break;
    taken.add(i);
  }
  return sentences.flatMap(([from, to], i) =>
    taken.has(i) ? Array.from({ length: to - from }, (_, k) => from + k) : [],
  );
}
