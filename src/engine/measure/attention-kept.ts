import { columnSums } from '../eviction/attention.ts';
import type { Tensor } from '../eviction/types.ts';

/** For each layer and KV head [seq]: the attention that the answer pays to each position of the prompt under the full cache. */
export type AttentionMass = readonly (readonly Float64Array[])[];

/**
 * Adds up the attention over answering rows and the query heads of a group. It is not made into shares of a row: a head that looks
 * past the prompt, with a trillionth left for it, would count as much as one that reads the answer there, and its trillionth is noise.
 * @param future for each layer [heads, rows, seq]
 */
export const attentionMass = (future: readonly Tensor[], kvHeads: number): AttentionMass =>
  future.map(({ shape: [heads = 0, rows = 0, seq = 0], data }) => {
    const size = (heads / kvHeads) * rows * seq;
    return Array.from({ length: kvHeads }, (_, kvHead) =>
      columnSums(data.subarray(kvHead * size, (kvHead + 1) * size), seq),
    );
  });

/**
 * The share of that attention, of all layers and heads together, that lands on tokens a lane still holds. 1 where nothing was dropped.
 * With the same number of tokens in every head, nothing keeps more than the oracle, which ranks by this very sum.
 * @param kept for each layer and KV head the positions that are held
 */
export function attentionKept(mass: AttentionMass, kept: readonly (readonly ArrayLike<number>[])[]): number {
  let [all, held] = [0, 0];
  mass.forEach((layer, i) =>
    layer.forEach((looks, kvHead) => {
      const positions = kept[i]![kvHead]!;
      for (let j = 0; j < looks.length; j++) all += looks[j]!;
      for (let j = 0; j < positions.length; j++) held += looks[positions[j]!]!;
    }),
  );
  return all > 0 ? Math.min(1, held / all) : 1;
}
