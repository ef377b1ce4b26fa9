import { KVCache } from './cache/kv-cache.ts';
import type { Repeat } from './layer-view.ts';
import type { Model } from './model/model.ts';
import { QueryLog } from './model/query-log.ts';

/**
 * Reads tokens once more behind a cache that holds them all, on a fork of which nothing is kept: what KVzip and KVCompose look at. It costs as much as
 * a longer prefill.
 * @param queries of what the cache holds
 * @returns for each query head and token of the cache the most that one of the new rows pays to it
 */
export function repeatOf(model: Model, cache: KVCache, queries: QueryLog, tokens: readonly number[]): Repeat {
  const { layers, heads, kvHeads } = model.config;
  const again = new KVCache(model.store);
  again.fork(cache);
  again.append(tokens.length);
  const log = new QueryLog(model.config, model.kernels.heap, queries, cache.length);
  log.reserve(again.length);
  model.forward([{ cache: again, tokens, queries: log }]);
  const peaks = Array.from({ length: layers * heads }, () => new Float64Array(cache.length));
  for (let head = 0; head < layers * kvHeads; head++) {
    for (let token = cache.length; token < again.length; token++) raise(peaks, model, again, log, head, token);
  }
  again.release();
  log.release();
  return peaks;
}

/** @param head layer * kvHeads + kvHead */
function raise(
  peaks: readonly Float64Array[],
  model: Model,
  cache: KVCache,
  log: QueryLog,
  head: number,
  token: number,
): void {
  const { kvHeads, heads, headDim } = model.config;
  const group = heads / kvHeads;
  const count = token + 1;
  const query = log.at(Math.floor(head / kvHeads), token) + (head % kvHeads) * group * headDim;
  const probs = model.look(cache, head, query, count);
  const { f32 } = model.kernels.heap;
  for (let g = 0; g < group; g++) {
    const row = peaks[head * group + g]!;
    for (let j = 0; j < row.length; j++) row[j] = Math.max(row[j]!, f32[probs + g * count + j]!);
  }
}
