import { alongDirections, directionsOf, fromDirections } from './directions.ts';
import { Learned } from './learned.ts';
import type { Matrix } from './rotation.ts';
import {
  defineCodec,
  mustBeFinite,
  type Codec,
  type Encoded,
  type HeadAtWork,
  type HeadShape,
  type Side,
} from './types.ts';

/**
 * Keys before RoPE and values of a head in the few directions in which they vary most: x^ = B^T B x, with the rows of B the first `rank` right singular vectors
 * of the rows (no matrix of that rank is nearer, Eckart and Young 1936). Ours: the directions are fitted on the first rows that a head writes and stored with
 * the cache, where published methods fit them beforehand, on other texts or on the weights; later rows use the same ones. All numbers are 16-bit floats.
 * Parts: `numbers` [n][rank], `directions` [rank][headDim] once.
 */
export const lowRank = defineCodec({
  name: 'low-rank',
  caption: { name: 'Low rank', idea: 'few directions in place of all channels' },
  source: 'ours: the singular value decomposition of each head (Eckart and Young, 1936)',
  settings: {
    rank: {
      kind: 'number',
      default: 16,
      min: 1,
      max: 128,
      step: 1,
      about: 'Directions that a head has; more than it has channels change nothing.',
    },
  },
  detail: ({ rank }) => `rank ${rank}`,
  make: ({ rank }) => new LowRank(rank),
});

class LowRank implements Codec {
  readonly #rank: number;
  readonly #directions: Learned<Matrix>;

  constructor(rank: number, directions = new Learned<Matrix>()) {
    this.#rank = rank;
    this.#directions = directions;
  }

  basis() {
    return 'before-rope' as const;
  }

  fork(): LowRank {
    return new LowRank(this.#rank, this.#directions.fork());
  }

  /** Directions are learned from at least as many rows as there are channels; until then all wait. */
  pending(waiting: number, side: Side, at: HeadShape): number {
    const learns = this.#rank < at.headDim && waiting >= at.headDim;
    return learns || this.#directions.get(at, side) ? waiting : 0;
  }

  encode(rows: Float32Array, side: Side, at: HeadAtWork): Encoded {
    mustBeFinite(rows);
    const { headDim } = at;
    const n = rows.length / headDim;
    const { learned: directions, fresh } = this.#directions.from(rows, at, side, () =>
      directionsOf(rows, headDim, this.#rank),
    );
    const numbers = alongDirections(directions, rows);
    const { bits, beside } = this.#cost(headDim);
    return {
      bits,
      overhead: n * beside + (fresh ? 2 * directions.numbers.length : 0),
      parts: () => ({
        numbers: { numbers, shape: [n, this.#rank], bits: 16 },
        ...(fresh && { directions: { numbers: directions.numbers, shape: [this.#rank, headDim], bits: 16 } }),
      }),
      decode: () => fromDirections(directions, numbers),
    };
  }

  /** Whole bits of a number on average, and the bytes of a row beyond them. */
  #cost(headDim: number): { bits: number; beside: number } {
    const bits = Math.floor((16 * this.#rank) / headDim);
    return { bits, beside: 2 * this.#rank - (bits * headDim) / 8 };
  }

  bytes(count: number, { headDim }: HeadShape) {
    if (this.#rank >= headDim || count < headDim)
      return { keys: count * headDim * 2, values: count * headDim * 2, metadata: 0 };
    const { bits, beside } = this.#cost(headDim);
    const side = (count * headDim * bits) / 8;
    return { keys: side, values: side, metadata: 2 * (count * beside + 2 * this.#rank * headDim) };
  }
}
