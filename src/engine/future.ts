import type { KVCache } from './cache/kv-cache.ts';
import type { Future } from './layer-view.ts';
import type { Model } from './model/model.ts';
import type { QueryLog } from './model/query-log.ts';

/**
 * What the rows behind a prompt look at, question and answers alike: for each head and token of the prompt the most that one of them pays.
 * @param cache that holds every token, as the full cache does at its end @param from tokens of the prompt
 */
export function futureOf(model: Model, cache: KVCache, queries: QueryLog, from: number): Future {
  const { layers, kvHeads } = model.config;
  return Array.from({ length: layers * kvHeads }, (_, head) => {
    const peaks = new Float64Array(from);
    for (let token = from; token < cache.length; token++) raise(peaks, model, cache, queries, head, token);
    return peaks;
  });
}

function raise(
  peaks: Float64Array,
  model: Model,
  cache: KVCache,
  queries: QueryLog,
  head: number,
  token: number,
): void {
  const { kvHeads, heads, headDim } = model.config;
  const group = heads / kvHeads;
  const query = queries.at(Math.floor(head / kvHeads), token) + (head % kvHeads) * group * headDim;
  const count = token + 1;
  const probs = model.look(cache, head, query, count);
  const { f32 } = model.kernels.heap;
  for (let j = 0; j < peaks.length; j++) {
    let sum = 0;
    for (let at = probs + j; at < probs + group * count; at += count) sum += f32[at]!;
    if (sum > group * peaks[j]!) peaks[j] = sum / group;
  }
}
