import type { Tensor } from '../eviction/types.ts';

/**
 * The share of the attention that the answer pays to the compressed prompt under the full cache, and that lands on tokens the
 * lane still holds: the mean over layers, query heads and answering rows. 1 where nothing was dropped.
 * @param future for each layer [heads, rows, seq]
 * @param kept   for each layer and KV head the positions that are held
 */
export function attentionKept(future: readonly Tensor[], kept: readonly (readonly ArrayLike<number>[])[]): number {
  let total = 0;
  let count = 0;
  future.forEach(({ shape: [heads = 0, rows = 0, seq = 0], data }, layer) => {
    const group = heads / kept[layer]!.length;
    for (let head = 0; head < heads; head++) {
      const positions = kept[layer]![Math.floor(head / group)]!;
      for (let row = 0; row < rows; row++) {
        const from = (head * rows + row) * seq;
        const all = data.subarray(from, from + seq).reduce((a, b) => a + b, 0);
        let held = 0;
        for (let i = 0; i < positions.length; i++) held += data[from + positions[i]!]!;
        total += all > 0 ? Math.min(1, held / all) : 1;
        count++;
      }
    }
  });
  return count ? total / count : 1;
}
