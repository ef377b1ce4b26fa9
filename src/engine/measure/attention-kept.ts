import type { Tensor } from '../eviction/types.ts';

/** For each layer and KV head [seq]: the share of the answer's attention that falls on each position. Each adds up to 1. */
export type AttentionMass = readonly (readonly Float64Array[])[];

/**
 * The attention that the answer pays to the compressed prompt under the full cache, averaged over answering rows and the group's query heads.
 * @param future for each layer [heads, rows, seq]
 */
export const attentionMass = (future: readonly Tensor[], kvHeads: number): AttentionMass => future.map(({ shape: [heads = 0, rows = 0, seq = 0], data }) => {
  const group = heads / kvHeads;
  return Array.from({ length: kvHeads }, (_, kvHead) => {
    const mass = new Float64Array(seq);
    for (let row = kvHead * group * rows; row < (kvHead + 1) * group * rows; row++) addShare(mass, data.subarray(row * seq, (row + 1) * seq), group * rows);
    return mass;
  });
});

/** Adds one row of attention, made to add up to 1 and divided by `parts`. A row that looks at nothing here counts as spread evenly. */
function addShare(mass: Float64Array, row: Float32Array, parts: number): void {
  let total = 0;
  for (let j = 0; j < row.length; j++) total += row[j]!;
  for (let j = 0; j < row.length; j++) mass[j]! += (total > 0 ? row[j]! / total : 1 / row.length) / parts;
}

/**
 * The share of that attention that lands on tokens a lane still holds, averaged over layers and KV heads. 1 where nothing was dropped.
 * @param kept for each layer and KV head the positions that are held
 */
export function attentionKept(mass: AttentionMass, kept: readonly (readonly ArrayLike<number>[])[]): number {
  const heads = mass.flatMap((layer, i) => layer.map((share, kvHead) => heldShare(share, kept[i]![kvHead]!)));
  return heads.reduce((a, b) => a + b, 0) / heads.length;
}

function heldShare(share: Float64Array, positions: ArrayLike<number>): number {
  if (positions.length === share.length) return 1;
  let held = 0;
  for (let i = 0; i < positions.length; i++) held += share[positions[i]!]!;
  return Math.min(1, held);
}
