import type { Settings } from '../settings.ts';
import { half, toFloat } from './float.ts';
import { Learned } from './learned.ts';
import { bestLevels, nearestLevel } from './levels.ts';
import { furthest, vectorCount, vectorOf, type Vectors } from './outliers.ts';
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
  bits: { kind: 'choice', default: 3, choices: [2, 3, 4], about: 'Bits of one code.' },
  outliers: {
    kind: 'number',
    default: 0.01,
    min: 0,
    max: 0.2,
    step: 0.005,
    about: 'Share of the numbers that are stored apart, the furthest from the mean of their vector.',
  },
  first: { kind: 'number', default: 1, min: 0, max: 16, step: 1, about: 'First tokens that stay at 16 bits.' },
} as const;

/** An outlier is a 16-bit number and a 16-bit place. */
const outlierBytes = 4;
/** Ends of a vector's range, 16 bits each. */
const rangeBytes = 4;
/** Rows that levels are learned from, at least. */
const fewest = 16;
/** Pieces of a range that levels are fitted on. */
const pieces = 256;

/** Ends of the range of each vector, a channel of the keys or a token of the values. */
interface Ranges {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** What holds for later rows: levels between 0 and 1, and for keys the range of each channel. */
interface Fit {
  readonly levels: Float64Array;
  readonly ranges: Ranges | undefined;
}

/**
 * Keys by channel and before RoPE, values by token, on uneven levels, with the furthest numbers stored apart. Based on "KVQuant: Towards 10 Million Context
 * Length LLM Inference with KV Cache Quantization" (arXiv 2401.18079).
 *
 *     t = (x - low) / (high - low) of its channel or token, outliers apart        code = nearest of 2^bits levels, best for all t of the head
 *
 * The paper fits levels and the channels' ranges on calibration texts, weighting each error by Fisher information. Here they are fitted on the first rows
 * that a head writes, all weights alike, and stored with the cache; rows that come later use them, and what lies outside a key channel's range is an outlier.
 * Outliers are chosen per head, not per vector, as a head has few channels. Parts: `codes` [n][headDim], `levels` [2^bits], `low` and `high` [headDim] or
 * [n], `outliers` and `outlier_places`, `first_rows`. Codes of rows and numbers that are stored apart stay unused.
 */
export const kvquant = defineCodec({
  name: 'kvquant',
  caption: { name: 'KVQuant', idea: 'uneven levels, outliers apart' },
  source: 'arXiv 2401.18079',
  settings,
  detail: ({ bits }) => `${bits} bits`,
  make: (chosen) => new KVQuant(chosen),
});

class KVQuant implements Codec {
  readonly #settings: Settings<typeof settings>;
  readonly #fits: Learned<Fit>;

  constructor(chosen: Settings<typeof settings>, fits = new Learned<Fit>()) {
    this.#settings = chosen;
    this.#fits = fits;
  }

  basis() {
    return 'before-rope' as const;
  }

  /** Levels are learned from more than a few rows; until then all wait. */
  pending(waiting: number, side: Side, at: HeadShape): number {
    return this.#fits.get(at, side) || waiting >= this.#settings.first + fewest ? waiting : 0;
  }

  fork(): KVQuant {
    return new KVQuant(this.#settings, this.#fits.fork());
  }

  encode(rows: Float32Array, side: Side, at: HeadAtWork): Encoded {
    mustBeFinite(rows);
    const { headDim } = at;
    const { bits, first } = this.#settings;
    const before = this.#fits.get(at, side);
    const apart = before ? 0 : Math.min(first * headDim, rows.length);
    const vectors: Vectors = {
      rows: rows.slice(apart),
      width: headDim,
      along: side === 'keys' ? 'columns' : 'rows',
    };
    const outliers = before?.ranges
      ? outside(vectors, before.ranges)
      : furthest(vectors, this.#count(vectors.rows.length));
    const ranges = before?.ranges ?? rangesOf(vectors, outliers);
    const { levels } = this.#fits.from(vectors.rows, at, side, () => ({
      levels: fitLevels(vectors, ranges, outliers, 2 ** bits),
      ranges: side === 'keys' ? ranges : undefined,
    })).learned;
    return write({ vectors, outliers, ranges, levels, bits, first: rows.slice(0, apart), fit: before });
  }

  bytes(count: number, { headDim }: { headDim: number }) {
    const { bits, first } = this.#settings;
    if (count < first + fewest) return { keys: count * headDim * 2, values: count * headDim * 2, metadata: 0 };
    const rest = count - first;
    const side = (count * headDim * bits) / 8;
    const apart = first * headDim * (2 - bits / 8);
    const outliers = this.#count(rest * headDim) * outlierBytes;
    const metadata = 2 * (apart + 2 ** bits * 2 + outliers) + (headDim + rest) * rangeBytes;
    return { keys: side, values: side, metadata };
  }

  #count(numbers: number): number {
    return Math.floor(this.#settings.outliers * numbers);
  }
}

/** Numbers that lie outside the range of their vector. */
const outside = (vectors: Vectors, { low, high }: Ranges): Uint8Array =>
  new Uint8Array(vectors.rows.length).map((_, i) => {
    const own = vectorOf(vectors, i);
    return Number(vectors.rows[i]! < low[own]! || vectors.rows[i]! > high[own]!);
  });

/** A vector that has nothing but outliers has an empty range at 0. */
function rangesOf(vectors: Vectors, outliers: Uint8Array): Ranges {
  const low = new Float32Array(vectorCount(vectors)).fill(Infinity);
  const high = new Float32Array(low.length).fill(-Infinity);
  vectors.rows.forEach((x, i) => {
    if (outliers[i]) return;
    const own = vectorOf(vectors, i);
    low[own] = Math.min(low[own]!, x);
    high[own] = Math.max(high[own]!, x);
  });
  const ends = (end: number) => (Number.isFinite(end) ? end : 0);
  return { low: low.map(ends), high: high.map(ends) };
}

/** Where a number lies in the range of its vector, from 0 to 1. */
function placeIn(vectors: Vectors, { low, high }: Ranges, i: number): number {
  const own = vectorOf(vectors, i);
  const width = high[own]! - low[own]!;
  return width > 0 ? (vectors.rows[i]! - low[own]!) / width : 0;
}

function fitLevels(vectors: Vectors, ranges: Ranges, outliers: Uint8Array, count: number): Float64Array {
  const histogram = new Float64Array(pieces);
  vectors.rows.forEach((_, i) => {
    if (!outliers[i]) histogram[Math.min(pieces - 1, Math.floor(placeIn(vectors, ranges, i) * pieces))]!++;
  });
  return bestLevels(histogram, 0, 1, count);
}

interface Piece extends Omit<Fit, 'ranges'> {
  readonly vectors: Vectors;
  readonly outliers: Uint8Array;
  readonly ranges: Ranges;
  readonly bits: number;
  /** Rows at 16 bits that come before the others. */
  readonly first: Float32Array;
  /** What was stored before and is not stored again. */
  readonly fit: Fit | undefined;
}

function write({ vectors, outliers, ranges, levels, bits, first, fit }: Piece): Encoded {
  const { rows, width } = vectors;
  const codes = new Uint8Array(rows.length).map((_, i) =>
    outliers[i] ? 0 : nearestLevel(levels, placeIn(vectors, ranges, i)),
  );
  const places = [...outliers.keys()].filter((i) => outliers[i]);
  const kept = places.map((i) => toFloat(rows[i]!, half));
  const part = (numbers: ArrayLike<number>, shape = [numbers.length]) => ({ numbers, shape, bits: 16 });
  const stored = {
    ...(fit || !rows.length ? {} : { levels: part(levels) }),
    ...(fit?.ranges || !rows.length ? {} : { low: part(ranges.low), high: part(ranges.high) }),
    outliers: part(kept),
    outlier_places: part(places),
    first_rows: part(first, [first.length / width, width]),
  };
  const beside = Object.values(stored).reduce((sum, { numbers }) => sum + 2 * numbers.length, 0);
  return {
    bits,
    // The first rows have no codes, and yet count as if they had.
    overhead: beside - (first.length * bits) / 8,
    parts: () => ({ codes: { numbers: codes, shape: [rows.length / width, width], bits }, ...stored }),
    decode() {
      const decoded = new Float32Array(first.length + rows.length);
      decoded.set(first);
      for (let i = 0; i < rows.length; i++) {
        const own = vectorOf(vectors, i);
        const [low, high] = [ranges.low[own]!, ranges.high[own]!];
        decoded[first.length + i] = low + levels[codes[i]!]! * (high - low);
      }
      places.forEach((i, at) => (decoded[first.length + i] = kept[at]!));
      return decoded;
    },
  };
}
