import type { KVCache } from './cache/kv-cache.ts';
import type { Future } from './layer-view.ts';
import type { Model } from './model/model.ts';
import type { QueryLog } from './model/query-log.ts';
import { lookOf } from './sight.ts';

/** What each row behind a prompt pays to its tokens, summed over heads: [rows][tokens]. */
export type Ahead = readonly Float64Array[];

/**
 * What the rows behind a prompt look at, question and answers alike: for each head and token of the prompt the most that one of them pays, and for each row
 * what all heads pay together.
 * @param cache that holds every token, as the full cache does at its end @param from tokens of the prompt
 */
export function futureOf(
  model: Model,
  cache: KVCache,
  queries: QueryLog,
  from: number,
): { readonly future: Future; readonly ahead: Ahead } {
  const { layers, kvHeads } = model.config;
  const ahead = Array.from({ length: cache.length - from }, () => new Float64Array(from));
  const future = Array.from({ length: layers * kvHeads }, (_, head) => {
    const peaks = new Float64Array(from);
    for (let token = from; token < cache.length; token++) {
      const paid = lookOf(model, cache, queries, head, token, token + 1);
      const sums = ahead[token - from]!;
      for (let j = 0; j < from; j++) {
        sums[j]! += paid[j]!;
        if (paid[j]! > peaks[j]!) peaks[j] = paid[j]!;
      }
    }
    return peaks;
  });
  return { future, ahead };
}
