import { encodeInGroups, groupBytes } from './groups.ts';
import { numberBytes } from '../room.ts';
import { defineCodec } from './types.ts';

/** A scale for each channel, over `group` consecutive tokens of it. Tokens that do not fill a group wait at 16 bits. */
export const perChannel = defineCodec({
  name: 'per-channel',
  entry: 'plain-quantization',
  caption: { name: 'Scale a channel', idea: 'a grid for each channel' },
  source: 'the plain grid by channel, as in arXiv 2606.09864',
  settings: {
    bits: { kind: 'number', default: 4, min: 2, max: 8, step: 1, about: 'Bits of one code.' },
    group: { kind: 'number', default: 64, min: 1, max: 512, step: 1, about: 'Tokens of a channel that share a scale.' },
    symmetric: { kind: 'switch', default: false, about: 'As many steps below 0 as above, and no zero to store.' },
  },
  detail: ({ bits }) => `${bits} bits`,
  make: ({ bits, group, symmetric }) => ({
    basis: () => 'cached',
    pending: (waiting) => waiting - (waiting % group),
    encode: (rows, _side, { headDim }) =>
      encodeInGroups(rows, headDim, { along: 'rows', size: group }, bits, symmetric),
    bytes(count, { headDim }) {
      const waiting = count % group;
      const side = headDim * (((count - waiting) * bits) / 8 + waiting * numberBytes);
      const groups = (2 * headDim * (count - waiting)) / group;
      return { keys: side, values: side, metadata: groups * groupBytes(symmetric) };
    },
  }),
});
