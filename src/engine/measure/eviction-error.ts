import type { KVCache } from '../cache/kv-cache.ts';
import type { Model } from '../model/model.ts';
import type { QueryLog } from '../model/query-log.ts';

/**
 * How much the output of a layer's attention changes for what comes after a text, when each head keeps only some entries of the text (CompressKV, arXiv
 * 2508.02401): the mean over the coming tokens t of ||O_kept(t) - O(t)||_2 / ||O(t)||_2, all heads of the layer together, before the output matrix.
 * @param cache that holds text and what comes after it @param kept for each KV head entries of the text
 * @param from tokens of the text
 */
export function evictionError(
  model: Model,
  cache: KVCache,
  queries: QueryLog,
  layer: number,
  kept: readonly Int32Array[],
  from: number,
): number {
  const { heads, kvHeads } = model.config;
  const group = heads / kvHeads;
  let total = 0;
  for (let token = from; token < cache.length; token++) {
    let [change, length] = [0, 0];
    for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
      const stays = new Uint8Array(token + 1).fill(1, from);
      for (const entry of kept[kvHead]!) stays[entry] = 1;
      const head = layer * kvHeads + kvHead;
      const query = queries.at(layer, token) + kvHead * group * model.config.headDim;
      const probs = model.look(cache, head, query, token + 1);
      for (let g = 0; g < group; g++) {
        const at = probs + g * (token + 1);
        const paid = model.kernels.heap.f32.slice(at, at + token + 1);
        const [full, cut] = [
          outputOf(cache, head, paid),
          outputOf(
            cache,
            head,
            paid.map((p, j) => p * stays[j]!),
          ),
        ];
        for (let c = 0; c < full.length; c++) {
          change += (cut[c]! - full[c]!) ** 2;
          length += full[c]! ** 2;
        }
      }
    }
    total += length > 0 ? Math.sqrt(change / length) : 0;
  }
  return total / (cache.length - from);
}

/** Values weighed by what was paid to them, where that is made to add up to one. @returns [headDim] */
function outputOf(cache: KVCache, head: number, paid: Float32Array): Float64Array {
  const output = new Float64Array(cache.store.config.headDim);
  const total = paid.reduce((a, b) => a + b, 0);
  for (let entry = 0; entry < paid.length; entry++) {
    if (!paid[entry]) continue;
    const value = cache.store.value(cache.row(head, entry));
    for (let c = 0; c < output.length; c++) output[c]! += (paid[entry]! / total) * value[c]!;
  }
  return output;
}
