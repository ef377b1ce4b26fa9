/** Small caches whose keys and values are written out. */
import { KVCache } from '../../../src/engine/cache/kv-cache.ts';
import { Store } from '../../../src/engine/cache/store.ts';
import type { Event } from '../../../src/engine/events.ts';
import { plain } from '../../../src/engine/kernels/plain.ts';
import type { Config } from '../../../src/engine/model/config.ts';
import { Rope } from '../../../src/engine/model/rope.ts';
import { layerOf } from '../eviction/layers.ts';

const base: Config = {
  id: 'tiny',
  hidden: 8,
  layers: 1,
  heads: 1,
  kvHeads: 1,
  headDim: 4,
  inner: 8,
  vocabulary: 8,
  ropeTheta: 100,
  eps: 1e-5,
  bos: 0,
  stop: 1,
};

export type Rows = readonly (readonly number[])[];

export interface Held {
  readonly keys: Rows;
  readonly values: Rows;
}

/** A cache of some layers, all of whose heads hold the same number of tokens. @param heads [layers * kvHeads] rows of four numbers */
export function cacheOf(heads: readonly Held[], layers = 1): { cache: KVCache; events: Event[] } {
  const kvHeads = heads.length / layers;
  const config = { ...base, layers, kvHeads, heads: kvHeads };
  const events: Event[] = [];
  const store = new Store(config, plain().heap, new Rope(config.headDim, config.ropeTheta));
  const cache = new KVCache(store, (event) => events.push(event));
  cache.append(heads[0]!.keys.length);
  heads.forEach(({ keys, values }, head) => {
    keys.forEach((key, entry) => store.key(cache.row(head, entry)).set(key));
    values.forEach((value, entry) => store.value(cache.row(head, entry)).set(value));
  });
  return { cache, events };
}

const entries = (cache: KVCache, head: number) => Array.from({ length: cache.count(head) }, (_, entry) => entry);

export const keysOf = (cache: KVCache, head = 0): number[][] =>
  entries(cache, head).map((entry) => [...cache.store.key(cache.row(head, entry))]);

export const valuesOf = (cache: KVCache, head = 0): number[][] =>
  entries(cache, head).map((entry) => [...cache.store.value(cache.row(head, entry))]);

/** Rows that can be told apart: token t of head h has [t, h, t + h / 10, 1] and the opposite. */
export const marked = (tokens: number, head: number): Held => {
  const keys = Array.from({ length: tokens }, (_, t) => [t, head, Math.fround(t + head / 10), 1]);
  return { keys, values: keys.map((row) => row.map((x) => -x)) };
};

/** A layer at which a fate has no need to look. */
export const unseen = layerOf({ keys: [[[0]]] });
