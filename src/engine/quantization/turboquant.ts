import { half, toFloat } from './float.ts';
import { levelsOf, nearestLevel } from './levels.ts';
import { dot, rotationOf, times, timesTransposed } from './rotation.ts';
import { readSigns, signsOf, sketchOf } from './sketch.ts';
import { defineCodec, mustBeFinite, type Encoded, type Side } from './types.ts';

const books = new Map<string, Float64Array>();

/** Best levels for a coordinate of a random unit vector, whose density is proportional to (1 - t^2)^((d - 3) / 2). Below 3 dimensions it piles up at the ends, and a flat one stands in. */
function bookOf(headDim: number, bits: number): Float64Array {
  const name = `${headDim} ${bits}`;
  let book = books.get(name);
  if (!book) {
    const power = Math.max(0, (headDim - 3) / 2);
    books.set(name, (book = levelsOf((t) => (1 - t * t) ** power, -1, 1, 2 ** bits)));
  }
  return book;
}

/**
 * A random rotation makes every coordinate of every vector follow one law, so that one set of best levels, known beforehand, serves all. Based on
 * "TurboQuant: Online Vector Quantization with Near-optimal Distortion Rate" (arXiv 2504.19874).
 *
 *     y = R x / |x|        code of a coordinate: its nearest level        x^ = |x| R^T levels
 *
 * With `signs`, keys spend one bit of each number on the signs of what is left, r = x - x^ (see sketch.ts), which makes products with queries right on
 * average. Lengths are 16-bit floats. Parts: `codes` [n][headDim], `lengths` [n], and with signs `signs` [n][headDim] and `rest_lengths` [n]. The paper's
 * half bits, more for outlier channels, are left out.
 */
export const turboquant = defineCodec({
  name: 'turboquant',
  caption: { name: 'TurboQuant', idea: 'turned at random, one grid for all' },
  source: 'arXiv 2504.19874',
  settings: {
    bits: { kind: 'number', default: 4, min: 2, max: 8, step: 1, about: 'Bits of a number, its sign bit included.' },
    signs: {
      kind: 'switch',
      default: false,
      about: 'One bit of a key is the sign of what is left, for unbiased products.',
    },
  },
  detail: ({ bits }) => `${bits} bits`,
  make({ bits, signs }) {
    const signed = (side: Side) => signs && side === 'keys';
    const beside = (side: Side) => (signed(side) ? 4 : 2);
    return {
      basis: () => 'cached',
      pending: (waiting) => waiting,
      encode(rows, side, { headDim }) {
        mustBeFinite(rows);
        return { bits, overhead: (rows.length / headDim) * beside(side), ...encode(rows, headDim, bits, signed(side)) };
      },
      bytes(count, { headDim }) {
        const side = (count * headDim * bits) / 8;
        return { keys: side, values: side, metadata: count * (beside('keys') + beside('values')) };
      },
    };
  },
});

function encode(
  rows: Float32Array,
  headDim: number,
  bits: number,
  signed: boolean,
): Omit<Encoded, 'bits' | 'overhead'> {
  const n = rows.length / headDim;
  const rotation = rotationOf(headDim);
  const sketch = sketchOf(headDim, headDim);
  const book = bookOf(headDim, signed ? bits - 1 : bits);
  const codes = new Uint8Array(rows.length);
  const signs = new Uint8Array(signed ? rows.length : 0);
  const lengths = new Float32Array(n);
  const rests = new Float32Array(signed ? n : 0);
  const read = (token: number): Float64Array => {
    const turned = new Float64Array(headDim);
    for (let c = 0; c < headDim; c++) turned[c] = book[codes[token * headDim + c]!]! * lengths[token]!;
    return timesTransposed(rotation, turned);
  };
  for (let token = 0; token < n; token++) {
    const x = rows.subarray(token * headDim, (token + 1) * headDim);
    const length = Math.sqrt(dot(x, x));
    lengths[token] = toFloat(length, half);
    const turned = times(rotation, x);
    for (let c = 0; c < headDim; c++) codes[token * headDim + c] = nearestLevel(book, length ? turned[c]! / length : 0);
    if (!signed) continue;
    const rest = read(token).map((number, c) => x[c]! - number);
    rests[token] = toFloat(Math.sqrt(dot(rest, rest)), half);
    signs.set(signsOf(sketch, rest), token * headDim);
  }
  return {
    parts: () => ({
      codes: { numbers: codes, shape: [n, headDim], bits: signed ? bits - 1 : bits },
      lengths: { numbers: lengths, shape: [n], bits: 16 },
      ...(signed && {
        signs: { numbers: signs, shape: [n, headDim], bits: 1 },
        rest_lengths: { numbers: rests, shape: [n], bits: 16 },
      }),
    }),
    decode() {
      const decoded = new Float32Array(rows.length);
      for (let token = 0; token < n; token++) {
        const [from, to] = [token * headDim, (token + 1) * headDim];
        const vector = read(token);
        if (signed) {
          const rest = readSigns(sketch, signs.subarray(from, to), rests[token]!);
          for (let c = 0; c < headDim; c++) vector[c]! += rest[c]!;
        }
        decoded.set(vector, from);
      }
      return decoded;
    },
  };
}
