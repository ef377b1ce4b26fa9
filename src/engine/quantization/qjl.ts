import { half, toFloat } from './float.ts';
import { encodeInGroups, groupBytes } from './groups.ts';
import { dot } from './rotation.ts';
import { readSigns, signsOf, sketchOf } from './sketch.ts';
import { defineCodec, mustBeFinite, type Encoded } from './types.ts';

/**
 * A key is kept as the signs of a random projection and its length, from which its product with any query can be estimated (see sketch.ts); what is read
 * back is the vector that has these products. Values are written token by token in groups, as the authors do. Based on "QJL: 1-Bit Quantized JL Transform for
 * KV Cache Quantization with Zero Overhead" (arXiv 2406.03482) and amirzandieh/QJL. Outlier channels apart, and a buffer of new tokens, are left out.
 * Parts of keys: `signs` [n][signs * headDim], `lengths` [n]; of values as in groups.ts.
 */
export const qjl = defineCodec({
  name: 'qjl',
  caption: { name: 'QJL', idea: 'signs of a random projection' },
  source: 'arXiv 2406.03482; amirzandieh/QJL',
  settings: {
    signs: {
      kind: 'number',
      default: 4,
      min: 1,
      max: 8,
      step: 1,
      about: 'Sign bits of a key, for each of its channels.',
    },
    bits: { kind: 'number', default: 2, min: 2, max: 8, step: 1, about: 'Bits of a number of a value.' },
    group: { kind: 'number', default: 32, min: 1, max: 256, step: 1, about: 'Channels of a value that share a scale.' },
  },
  detail: ({ signs }) => `${signs} signs a channel`,
  make: ({ signs, bits, group }) => ({
    basis: () => 'cached',
    pending: (waiting) => waiting,
    encode(rows, side, { headDim }) {
      if (side === 'values') return encodeInGroups(rows, headDim, { along: 'columns', size: group }, bits);
      return encodeKeys(rows, headDim, signs);
    },
    bytes: (count, { headDim }) => ({
      keys: (count * headDim * signs) / 8,
      values: (count * headDim * bits) / 8,
      metadata: count * (2 + groupBytes(false) * Math.ceil(headDim / group)),
    }),
  }),
});

function encodeKeys(rows: Float32Array, headDim: number, signs: number): Encoded {
  mustBeFinite(rows);
  const n = rows.length / headDim;
  const width = signs * headDim;
  const sketch = sketchOf(width, headDim);
  const numbers = new Uint8Array(n * width);
  const lengths = new Float32Array(n);
  for (let token = 0; token < n; token++) {
    const key = rows.subarray(token * headDim, (token + 1) * headDim);
    numbers.set(signsOf(sketch, key), token * width);
    lengths[token] = toFloat(Math.sqrt(dot(key, key)), half);
  }
  return {
    bits: signs,
    overhead: 2 * n,
    parts: () => ({
      signs: { numbers, shape: [n, width], bits: 1 },
      lengths: { numbers: lengths, shape: [n], bits: 16 },
    }),
    decode() {
      const decoded = new Float32Array(rows.length);
      for (let token = 0; token < n; token++) {
        const own = numbers.subarray(token * width, (token + 1) * width);
        decoded.set(readSigns(sketch, own, lengths[token]!), token * headDim);
      }
      return decoded;
    },
  };
}
