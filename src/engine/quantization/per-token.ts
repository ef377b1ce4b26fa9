import { encodeInGroups, groupBytes } from './groups.ts';
import { defineCodec } from './types.ts';

/** A scale for each token, or for each `group` of its channels: every row is written by itself, as soon as it is there. */
export const perToken = defineCodec({
  name: 'per-token',
  entry: 'plain-quantization',
  caption: { name: 'Scale a token', idea: 'a grid for each token' },
  source: 'the plain grid by token, as in arXiv 2606.09864',
  settings: {
    bits: { kind: 'number', default: 4, min: 2, max: 8, step: 1, about: 'Bits of one code.' },
    group: {
      kind: 'number',
      default: 0,
      min: 0,
      max: 256,
      step: 1,
      about: 'Channels of a token that share a scale; 0: all that a head has.',
    },
    symmetric: { kind: 'switch', default: false, about: 'As many steps below 0 as above, and no zero to store.' },
  },
  detail: ({ bits }) => `${bits} bits`,
  make: ({ bits, group, symmetric }) => ({
    basis: () => 'cached',
    pending: (waiting) => waiting,
    encode: (rows, _side, { headDim }) =>
      encodeInGroups(rows, headDim, { along: 'columns', size: group || headDim }, bits, symmetric),
    bytes(count, { headDim }) {
      const side = (count * headDim * bits) / 8;
      const groups = 2 * count * Math.ceil(headDim / (group || headDim));
      return { keys: side, values: side, metadata: groups * groupBytes(symmetric) };
    },
  }),
});
