import { encodeInGroups, groupBytes } from './groups.ts';
import { defineCodec } from './types.ts';

/**
 * One scale for all that a head writes at once: the coarsest of the plain grids, which a single large number stretches for all others. Rows that come
 * later are written as they come, each with a scale of its own.
 */
export const perTensor = defineCodec({
  name: 'per-tensor',
  entry: 'plain-quantization',
  caption: { name: 'One scale', idea: 'one grid for all numbers of a head' },
  source: 'the plain symmetric grid, as in arXiv 2606.09864',
  settings: {
    bits: { kind: 'number', default: 8, min: 2, max: 8, step: 1, about: 'Bits of one code.' },
    symmetric: { kind: 'switch', default: true, about: 'As many steps below 0 as above, and no zero to store.' },
  },
  detail: ({ bits }) => `${bits} bits`,
  make: ({ bits, symmetric }) => ({
    basis: () => 'cached',
    pending: (waiting) => waiting,
    // A matrix of one row is one group.
    encode(rows, _side, { headDim }) {
      const encoded = encodeInGroups(
        rows,
        Math.max(1, rows.length),
        { along: 'columns', size: Math.max(1, rows.length) },
        bits,
        symmetric,
      );
      const parts = () => {
        const all = encoded.parts();
        return { ...all, codes: { ...all['codes']!, shape: [rows.length / headDim, headDim] } };
      };
      return { ...encoded, parts };
    },
    bytes(count, { headDim }) {
      const side = (count * headDim * bits) / 8;
      return { keys: side, values: side, metadata: count ? 2 * groupBytes(symmetric) : 0 };
    },
  }),
});
