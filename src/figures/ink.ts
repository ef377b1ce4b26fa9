import { fullBits } from '../engine/cache/columns.ts';
import { leastLoss, type Cause } from '../engine/causes.ts';
import type { Frame } from '../engine/timeline.ts';
import type { View } from '../state/view.ts';

/** Which of the heads (layer * kvHeads + kvHead) a view looks at. */
export function headsInView({ layer, head }: Pick<View, 'layer' | 'head'>, heads: number, kvHeads: number): number[] {
  const all = Array.from({ length: heads }, (_, i) => i);
  const seen = all.filter(
    (i) => (layer === 'all' || Math.floor(i / kvHeads) === layer) && (head === 'all' || i % kvHeads === head),
  );
  return seen.length ? seen : all;
}

export interface Ink {
  /** [tokens] 0..16: the share of slots in view that hold the word. */
  readonly level: Uint8Array;
  /** [tokens] bits of a number of what is held, where most of it is encoded, else 0. */
  readonly bits: Uint8Array;
  /** [tokens] 1 where most of what is held lies with the host; missing where a lane has one memory. */
  readonly far?: Uint8Array;
}

/**
 * The share of slots, in view, that still hold each word, in sixteenths; a word held anywhere never looks quite gone.
 * @param worth [heads] how much a slot of each head counts; all alike where it is missing, or where all in view are worth nothing
 */
export function inkOf(
  { keyBits, valueBits, host, read }: Pick<Frame, 'keyBits' | 'valueBits' | 'host' | 'read'>,
  tokens: number,
  heads: readonly number[],
  worth?: readonly number[],
): Ink {
  const sum = worth ? heads.reduce((all, head) => all + worth[head]!, 0) : 0;
  const total = sum || heads.length;
  const held = new Uint16Array(tokens);
  const share = new Float64Array(tokens);
  const encoded = new Uint16Array(tokens);
  const away = new Uint16Array(tokens);
  const least = new Uint8Array(tokens).fill(fullBits);
  for (const head of heads) {
    const counts = sum ? worth![head]! : 1;
    for (let i = 0, at = head * tokens; i < read; i++, at++) {
      const key = keyBits[at]!;
      if (!key) continue;
      held[i]!++;
      share[i]! += counts;
      away[i]! += host[at]!;
      const value = valueBits[at]!;
      if (key === fullBits && value === fullBits) continue;
      encoded[i]! += Number(key < fullBits) + Number(value < fullBits);
      least[i] = Math.min(least[i]!, key, value);
    }
  }
  const [level, bits, far] = [new Uint8Array(tokens), new Uint8Array(tokens), new Uint8Array(tokens)];
  for (let i = 0; i < read; i++) {
    if (held[i]) level[i] = Math.max(1, Math.round((16 * share[i]!) / total));
    if (encoded[i]! > held[i]!) bits[i] = least[i]!;
    far[i] = Number(2 * away[i]! > held[i]!);
  }
  return { level, bits, far };
}

/** Where the five steps begin, in nats of log-probability: the first is the least that marks a word at all (causes.ts), the last leaves a 400th. */
const steps = [leastLoss, 0.7, 1.5, 3, 6];

/** [tokens] 0..5: how much the answer is owed to each word, in five steps. */
export function causeLevels(causes: readonly Cause[], tokens: number): Uint8Array {
  const levels = new Uint8Array(tokens);
  for (const { position, loss } of causes) levels[position] = steps.filter((step) => loss >= step).length;
  return levels;
}
