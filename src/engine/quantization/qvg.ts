import type { Settings } from '../settings.ts';
import { centroidsOf, nearestCentroid } from './centroids.ts';
import { half, toFloat } from './float.ts';
import { encodeInGroups, groupBytes } from './groups.ts';
import { Learned } from './learned.ts';
import {
  defineCodec,
  mustBeFinite,
  type Codec,
  type Encoded,
  type HeadAtWork,
  type HeadShape,
  type Part,
  type Side,
} from './types.ts';

const settings = {
  bits: { kind: 'number', default: 2, min: 2, max: 4, step: 1, about: 'Bits of a code of one stage.' },
  centroids: {
    kind: 'choice',
    default: 16,
    choices: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    about: 'Centroids of a head, for keys and for values each.',
  },
  stages: { kind: 'number', default: 1, min: 1, max: 3, step: 1, about: 'Each writes what the one before left.' },
  group: {
    kind: 'number',
    default: 64,
    min: 1,
    max: 256,
    step: 1,
    about: 'Channels that share a scale; at most those of a head.',
  },
} as const;

/** Rounds of k-means; the authors' code has 100. */
const rounds = 6;

/**
 * Tokens that look alike share a centroid, and only what is left is written, in stages: x^ = c + Q1(x - c) + Q2(rest) + ... Based on "Quant VideoGen" (arXiv
 * 2602.02958; svg-project/Quant-VideoGen), where tokens are those of a video. Here k-means runs over the first rows that a head writes, and later rows go to
 * the same centroids. Centroids are 16-bit floats. Parts: `codes_1` [n][headDim], `scales_1`, `zeros_1` and so on for each stage (see groups.ts),
 * `centroid` [n], `centroids` [centroids][headDim] once.
 */
export const qvg = defineCodec({
  name: 'qvg',
  entry: 'forgetting-wall',
  caption: { name: 'QVG', idea: 'what centroids leave, in few bits' },
  source: 'arXiv 2602.02958; svg-project/Quant-VideoGen',
  settings,
  detail: ({ bits, stages }) => `${bits * stages} bits`,
  make: (chosen) => new Qvg(chosen),
});

class Qvg implements Codec {
  readonly #settings: Settings<typeof settings>;
  readonly #centroids: Learned<Float32Array>;

  constructor(chosen: Settings<typeof settings>, centroids = new Learned<Float32Array>()) {
    this.#settings = chosen;
    this.#centroids = centroids;
  }

  basis() {
    return 'cached' as const;
  }

  fork(): Qvg {
    return new Qvg(this.#settings, this.#centroids.fork());
  }

  /** There are at least as many rows as centroids to learn; until then all wait. */
  pending(waiting: number, side: Side, at: HeadShape): number {
    return waiting >= this.#settings.centroids || this.#centroids.get(at, side) ? waiting : 0;
  }

  encode(rows: Float32Array, side: Side, at: HeadAtWork): Encoded {
    mustBeFinite(rows);
    const { headDim } = at;
    const { bits, stages, centroids: count } = this.#settings;
    const n = rows.length / headDim;
    const { learned: centroids, fresh } = this.#centroids.from(rows, at, side, () =>
      centroidsOf(rows, headDim, count, rounds).map((x) => toFloat(x, half)),
    );
    const own = Uint8Array.from({ length: n }, (_, token) =>
      nearestCentroid(centroids, rows, token * headDim, headDim),
    );
    const base = rows.map((_, i) => centroids[own[Math.floor(i / headDim)]! * headDim + (i % headDim)]!);
    const written = this.#stages(rows, base, headDim);
    return {
      bits: bits * stages,
      overhead: n * this.#beside(headDim) + (fresh ? 2 * centroids.length : 0),
      parts: () => ({
        ...Object.fromEntries(
          written.flatMap((stage, i) =>
            Object.entries(stage.parts()).map(([name, part]): [string, Part] => [`${name}_${i + 1}`, part]),
          ),
        ),
        centroid: { numbers: own, shape: [n], bits: Math.log2(count) },
        ...(fresh && { centroids: { numbers: centroids, shape: [count, headDim], bits: 16 } }),
      }),
      decode: () => written.reduce((sum, stage) => plus(sum, stage.decode()), base),
    };
  }

  #stages(rows: Float32Array, base: Float32Array, headDim: number): Encoded[] {
    const { bits, stages, group } = this.#settings;
    let rest = rows.map((x, i) => x - base[i]!);
    return Array.from({ length: stages }, () => {
      const written = encodeInGroups(rest, headDim, { along: 'columns', size: group }, bits);
      const read = written.decode();
      rest = rest.map((x, i) => x - read[i]!);
      return written;
    });
  }

  /** Bytes of a row beside its codes. */
  #beside(headDim: number): number {
    const { stages, group, centroids } = this.#settings;
    return stages * groupBytes(false) * Math.ceil(headDim / group) + Math.log2(centroids) / 8;
  }

  bytes(count: number, { headDim }: HeadShape) {
    const { bits, stages, centroids } = this.#settings;
    if (count < centroids) return { keys: count * headDim * 2, values: count * headDim * 2, metadata: 0 };
    const side = (count * headDim * bits * stages) / 8;
    return { keys: side, values: side, metadata: 2 * (count * this.#beside(headDim) + 2 * centroids * headDim) };
  }
}

const plus = (a: Float32Array, b: Float32Array) => a.map((x, i) => x + b[i]!);
