import type { KVCache } from './cache/kv-cache.ts';
import { newerThan } from './eviction/newer-than.ts';
import type { Ahead } from './future.ts';
import type { Model } from './model/model.ts';
import type { QueryLog } from './model/query-log.ts';
import type { Sight } from './retrieval/types.ts';

/** What a lane's own cache and queries tell about what it should have near. */
export class CacheSight implements Sight {
  readonly room: number;
  readonly prompt: number;
  readonly #model: Model;
  readonly #cache: KVCache;
  readonly #queries: QueryLog;
  readonly #ahead: Ahead | undefined;

  constructor(model: Model, cache: KVCache, queries: QueryLog, ahead: Ahead | undefined, room: number, prompt: number) {
    this.room = room;
    this.prompt = prompt;
    this.#model = model;
    this.#cache = cache;
    this.#queries = queries;
    this.#ahead = ahead;
  }

  query(layer: number, token: number): Float32Array {
    const { heads, headDim } = this.#model.config;
    return this.#model.kernels.heap.floats(this.#queries.at(layer, token), heads * headDim).slice();
  }

  look(head: number, token: number): Float32Array {
    const tokens = this.#cache.tokens(head);
    return lookOf(this.#model, this.#cache, this.#queries, head, token, tokens.length - newerThan(tokens, token + 1));
  }

  learned(name: string, layer: number): Float32Array {
    return this.#model.learned.of(name, layer);
  }

  ahead(steps: number): Float64Array | undefined {
    if (!this.#ahead) return undefined;
    const from = this.#cache.length - this.prompt;
    const sum = new Float64Array(this.prompt);
    for (const paid of this.#ahead.slice(from, from + steps)) paid.forEach((weight, token) => (sum[token]! += weight));
    return sum;
  }
}

/** Attention of a token's queries to the first entries of a head, averaged over the group: [count]. */
export function lookOf(
  model: Model,
  cache: KVCache,
  queries: QueryLog,
  head: number,
  token: number,
  count: number,
): Float32Array {
  const { kvHeads, heads, headDim } = model.config;
  const group = heads / kvHeads;
  const mean = new Float32Array(count);
  if (!count) return mean;
  const query = queries.at(Math.floor(head / kvHeads), token) + (head % kvHeads) * group * headDim;
  const probs = model.look(cache, head, query, count);
  const { f32 } = model.kernels.heap;
  for (let at = probs, i = 0; at < probs + group * count; at++, i = i + 1 === count ? 0 : i + 1) {
    mean[i]! += f32[at]! / group;
  }
  return mean;
}
