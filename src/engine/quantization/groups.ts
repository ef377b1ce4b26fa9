import { decodeGroups, encodeGroups, type Grouping } from './affine.ts';
import { mustBeFinite, type Encoded } from './types.ts';

/** A scale, and a zero where there is one, are stored at 16 bits each. */
export const groupBytes = (symmetric: boolean) => (symmetric ? 2 : 4);

/**
 * Rows of one head, written in groups (see affine.ts). Scales and zeros count at 16 bits, as servers store them; here they are float32, so that the
 * numbers are those of the formula. Parts: `codes` [n][headDim], `scales` and, unless symmetric, `zeros`, one a group: [groups of rows][headDim] along
 * rows, [n][groups of columns] along columns.
 */
export function encodeInGroups(
  rows: Float32Array,
  headDim: number,
  grouping: Grouping,
  bits: number,
  symmetric = false,
): Encoded {
  mustBeFinite(rows);
  const n = rows.length / headDim;
  const grouped = encodeGroups(rows, headDim, grouping, bits, symmetric);
  const { numbers, scale, zero } = grouped;
  const shape =
    grouping.along === 'rows' ? [Math.ceil(n / grouping.size), headDim] : [n, Math.ceil(headDim / grouping.size)];
  return {
    bits,
    overhead: groupBytes(symmetric) * scale.length,
    parts: () => ({
      codes: { numbers, shape: [n, headDim], bits },
      scales: { numbers: scale, shape, bits: 16 },
      ...(symmetric ? {} : { zeros: { numbers: zero, shape, bits: 16 } }),
    }),
    decode: () => decodeGroups(grouped, headDim, grouping),
  };
}
