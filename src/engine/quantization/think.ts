import type { Settings } from '../settings.ts';
import { half, toFloat } from './float.ts';
import { Learned } from './learned.ts';
import {
  defineCodec,
  mustBeFinite,
  type Codec,
  type Encoded,
  type HeadAtWork,
  type HeadShape,
  type Side,
} from './types.ts';

const settings = {
  ratio: {
    kind: 'number',
    default: 0.5,
    min: 0,
    max: 0.95,
    step: 0.05,
    about: 'Share of the key channels that is dropped.',
  },
  window: { kind: 'number', default: 32, min: 1, max: 256, step: 1, about: 'Latest tokens whose queries choose.' },
} as const;

/**
 * Keys with fewer channels: those that add least to the scores of the latest queries are dropped, for all tokens of a head. Based on "ThinK: Thinner Key Cache
 * by Query-Driven Pruning" (arXiv 2407.21018) and kvpress (ThinKPress):
 *
 *     score of a channel = mean of q^2 over the window and the group * mean of k^2 over all tokens        dropped: int(headDim * ratio) lowest
 *
 * Channels are chosen when a head's first keys are written, and later keys lose the same ones. What is left are 16-bit floats, and a bit for each channel says
 * which it is. Dropped channels are read as 0. Values are not touched. Not aware of RoPE's pairs, as kvpress is not.
 * Parts: `mask` [headDim], 1 where a channel stays, and `numbers` [n][kept].
 */
export const think = defineCodec({
  name: 'think',
  caption: { name: 'ThinK', idea: 'keys with fewer channels' },
  source: 'arXiv 2407.21018; NVIDIA/kvpress, kvpress/presses/think_press.py',
  settings,
  detail: ({ ratio }) => `${Math.round((1 - ratio) * 100)} % of the key channels`,
  make: (chosen) => new ThinK(chosen),
});

class ThinK implements Codec {
  readonly #settings: Settings<typeof settings>;
  readonly #kept: Learned<Uint8Array>;

  constructor(chosen: Settings<typeof settings>, kept = new Learned<Uint8Array>()) {
    this.#settings = chosen;
    this.#kept = kept;
  }

  basis() {
    return 'cached' as const;
  }

  fork(): ThinK {
    return new ThinK(this.#settings, this.#kept.fork());
  }

  #dropped(headDim: number): number {
    return Math.trunc(headDim * this.#settings.ratio);
  }

  pending(waiting: number, side: Side, { headDim }: HeadShape): number {
    return side === 'keys' && this.#dropped(headDim) ? waiting : 0;
  }

  encode(rows: Float32Array, side: Side, at: HeadAtWork): Encoded {
    mustBeFinite(rows);
    const { headDim } = at;
    const { learned: kept, fresh } = this.#kept.from(rows, at, side, () => this.#choose(rows, at));
    const n = rows.length / headDim;
    const numbers = new Float32Array(n * kept.length);
    for (let i = 0; i < numbers.length; i++) {
      const [token, c] = [Math.floor(i / kept.length), i % kept.length];
      numbers[i] = toFloat(rows[token * headDim + kept[c]!]!, half);
    }
    const { bits, beside } = this.#cost(headDim);
    return {
      bits,
      overhead: n * beside + (fresh ? headDim / 8 : 0),
      parts: () => ({
        numbers: { numbers, shape: [n, kept.length], bits: 16 },
        ...(fresh && { mask: { numbers: maskOf(kept, headDim), shape: [headDim], bits: 1 } }),
      }),
      decode() {
        const decoded = new Float32Array(rows.length);
        for (let i = 0; i < numbers.length; i++) {
          decoded[Math.floor(i / kept.length) * headDim + kept[i % kept.length]!] = numbers[i]!;
        }
        return decoded;
      },
    };
  }

  /** Whole bits of a number on average, and the bytes of a key beyond them. */
  #cost(headDim: number): { bits: number; beside: number } {
    const all = 16 * (headDim - this.#dropped(headDim));
    const bits = Math.floor(all / headDim);
    return { bits, beside: (all - bits * headDim) / 8 };
  }

  /** The channels that stay, ascending; of equal scores the later channel goes. */
  #choose(keys: Float32Array, { queries, headDim }: HeadAtWork): Uint8Array {
    if (!queries) throw new Error('think needs the latest queries of a head, and there are none.');
    const looked = squares(queries(this.#settings.window), headDim);
    const scores = squares(keys, headDim).map((energy, c) => energy * looked[c]!);
    const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
    return Uint8Array.from(best.slice(0, headDim - this.#dropped(headDim))).sort();
  }

  bytes(count: number, { headDim }: HeadShape) {
    const dropped = this.#dropped(headDim);
    const { bits, beside } = this.#cost(headDim);
    return {
      keys: (count * headDim * bits) / 8,
      values: count * headDim * 2,
      metadata: dropped && count ? count * beside + headDim / 8 : 0,
    };
  }
}

/** Mean of squares of each channel. @param rows [n][headDim] */
function squares(rows: Float32Array, headDim: number): Float64Array {
  const sums = new Float64Array(headDim);
  for (let i = 0; i < rows.length; i++) sums[i % headDim]! += (rows[i]! * rows[i]!) / (rows.length / headDim);
  return sums;
}

const maskOf = (kept: Uint8Array, headDim: number) =>
  Uint8Array.from({ length: headDim }, (_, c) => Number(kept.includes(c)));
