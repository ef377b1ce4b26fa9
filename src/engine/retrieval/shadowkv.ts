import type { KVCache } from '../cache/kv-cache.ts';
import type { Encoding } from '../events.ts';
import { dot, softmax, unitRows } from '../eviction/vectors.ts';
import { alongDirections, directionsOf, fromDirections } from '../quantization/directions.ts';
import type { HeadShape } from '../quantization/types.ts';
import type { Settings } from '../settings.ts';
import { carry, chunkCount, chunkSizes, fitting, ranked, settleNewest, type Chunks } from './chunks.ts';
import { defineRetrieval, type Retriever, type Sight } from './types.ts';

const settings = {
  rank: {
    kind: 'number',
    default: 6,
    min: 1,
    max: 128,
    step: 1,
    about: 'Directions that are kept of the keys of a head, of its 32; in ShadowKV 160 of the 1024 of a layer.',
  },
  chunk: { kind: 'number', default: 8, min: 1, max: 64, step: 1, about: 'Tokens of a chunk.' },
  outliers: {
    kind: 'number',
    default: 2,
    min: 0,
    max: 64,
    step: 1,
    about: 'Chunks of a head that stay near, as their keys disagree; 48 in ShadowKV.',
  },
} as const;

/** What a head is searched by. */
interface Shadow {
  /** Of each chunk the mean key: [chunks][headDim]. */
  readonly landmarks: readonly Float64Array[];
  /** Chunks that stay near whole: the newest first, then the outliers. */
  readonly whole: readonly number[];
}

/**
 * Keys stay near in few directions, values wait with the host: at every token a head scores its chunks by their mean keys, fetches the values of the best,
 * and has their keys rebuilt. Based on "ShadowKV: KV Cache in Shadows for High-Throughput Long-Context LLM Inference" (arXiv 2410.21465);
 * ByteDance-Seed/ShadowKV, models/kv_cache.py, ShadowKVCache.
 *
 *     landmark = mean of a chunk's keys after RoPE        outliers: the chunks with the smallest cosine between a key and the landmark
 *     score(chunk) = max over the group of softmax over chunks (q . landmark / sqrt(headDim))
 *
 * Attention reads rebuilt keys. What is carried, and what waits with the host, is values.
 * As there: chunks of a head are chosen by its own queries, outliers and the newest chunk are exact and stay. Ours: each head is decomposed on its own,
 * where all heads of a layer are together; as many chunks as the budget has room for, counted as if their keys were whole; one newest chunk, not four;
 * landmarks of outliers are kept. Without room for directions and landmarks the newest tokens are all that is near.
 */
export const shadowkv = defineRetrieval({
  name: 'shadowkv',
  caption: { name: 'ShadowKV', idea: 'few directions of keys near, values far off' },
  source: 'arXiv 2410.21465; ByteDance-Seed/ShadowKV',
  settings,
  detail: ({ rank }) => `rank ${rank}`,
  make: (chosen) => new ShadowKV(chosen),
});

class ShadowKV implements Retriever {
  readonly #settings: Settings<typeof settings>;
  /** Of each head, once the prompt was read; none where there is no room for them. */
  #shadows: readonly Shadow[] | undefined;
  #blind = false;
  #prompt = Infinity;
  /** Entries of the prompt that a head may have near. */
  #room = 0;

  constructor(chosen: Settings<typeof settings>) {
    this.#settings = chosen;
  }

  fork(): ShadowKV {
    const copy = new ShadowKV(this.#settings);
    copy.#shadows = this.#shadows;
    copy.#blind = this.#blind;
    copy.#prompt = this.#prompt;
    copy.#room = this.#room;
    return copy;
  }

  /** Keys along the directions, the directions, and landmarks, 2 bytes a number. */
  bytes(count: number, { headDim }: HeadShape): number {
    if (this.#blind) return 0;
    const tokens = Math.min(count, this.#prompt);
    const rank = Math.min(this.#settings.rank, headDim);
    return 2 * (rank * (tokens + headDim) + Math.ceil(tokens / this.#settings.chunk) * headDim);
  }

  arrange(cache: KVCache, sight: Sight): void {
    if (this.#shadows) return;
    this.#prompt = sight.prompt;
    this.#room = Math.floor(sight.room / cache.store.heads);
    this.#blind ||= !this.#room;
    if (this.#blind) {
      settleNewest(cache, sight);
      return;
    }
    const { chunk, outliers, rank } = this.#settings;
    cache.ownAll();
    const chunks = { size: chunk, prompt: sight.prompt };
    this.#shadows = Array.from({ length: cache.store.heads }, (_, head) => {
      const shadow = shadowOf(cache, head, chunks, outliers);
      rebuild(cache, head, chunks, shadow, rank);
      return shadow;
    });
    this.#shadows.forEach((shadow, head) => this.#settle(cache, head, shadow.whole));
    cache.reclaim();
  }

  attend(layer: number, kvHead: number, query: Float32Array, cache: KVCache): undefined {
    const head = layer * cache.store.config.kvHeads + kvHead;
    const shadow = this.#shadows?.[head];
    if (shadow) this.#settle(cache, head, [...shadow.whole, ...ranked(scoresOf(shadow, query.slice()))]);
  }

  /** Carries chunks of a head: those that fit, in this order, come near, and the rest goes. */
  #settle(cache: KVCache, head: number, order: readonly number[]): void {
    const chunks = { size: this.#settings.chunk, prompt: this.#prompt };
    carry(cache, fitting(order, chunkSizes(cache, chunks, [head]), this.#room), chunks, [head]);
  }
}

function shadowOf(cache: KVCache, head: number, chunks: Chunks, outliers: number): Shadow {
  const { headDim } = cache.store.config;
  const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    dot(unitRows(a, headDim), 0, unitRows(b, headDim), 0, headDim);
  const all = Array.from({ length: chunkCount(chunks) }, (_, chunk) => {
    const keys = entriesOf(cache, head, chunks, (of) => of === chunk).map((at) => cache.store.key(cache.row(head, at)));
    const landmark = new Float64Array(headDim);
    for (const key of keys) for (let c = 0; c < headDim; c++) landmark[c]! += key[c]! / keys.length;
    return { landmark, least: Math.min(1, ...keys.map((key) => cosine(key, landmark))) };
  });
  const newest = all.length - 1;
  const odd = ranked(all.map(({ least }) => -least)).filter((chunk) => chunk !== newest);
  return { landmarks: all.map(({ landmark }) => landmark), whole: [newest, ...odd.slice(0, outliers)] };
}

/** Ascending entries of a head's prompt that lie in some chunks. */
const entriesOf = (cache: KVCache, head: number, { size, prompt }: Chunks, which: (chunk: number) => boolean) =>
  [...cache.tokens(head).entries()].flatMap(([entry, token]) =>
    token < prompt && which(Math.floor(token / size)) ? [entry] : [],
  );

/** Puts what few directions can say of the keys before RoPE into their place, but in the chunks that stay whole. */
function rebuild(cache: KVCache, head: number, chunks: Chunks, { whole }: Shadow, rank: number): void {
  const { kvHeads, headDim } = cache.store.config;
  const { rope } = cache.store;
  const positions = cache.positions(head);
  const plainKey = (entry: number) => {
    const key = cache.store.key(cache.row(head, entry)).slice();
    rope.rotate(key, 0, 1, -positions[entry]!);
    return key;
  };
  const keys = entriesOf(cache, head, chunks, () => true).map(plainKey);
  const directions = directionsOf(Float32Array.from(keys.flatMap((key) => [...key])), headDim, Math.min(rank, headDim));
  // The numbers of a key are counted once, with all that is stored beside, as they lie near wherever its value is: what an entry itself takes is its value.
  const bits = Math.max(1, Math.floor((16 * directions.rows) / headDim));
  const written = { kvHead: head % kvHeads, side: 'keys' as const, bits, overhead: (-bits * headDim) / 8 };
  const parts = entriesOf(cache, head, chunks, (chunk) => !whole.includes(chunk)).map((entry) => {
    const row = fromDirections(directions, alongDirections(directions, plainKey(entry)));
    rope.rotate(row, 0, 1, positions[entry]!);
    cache.store.key(cache.row(head, entry)).set(row);
    return { ...written, from: entry, to: entry + 1 };
  });
  cache.encoded(Math.floor(head / kvHeads), joined(parts));
}

/** Parts of which one begins where another ends are one. */
const joined = (parts: readonly Encoding[]): Encoding[] =>
  parts.reduce<Encoding[]>((list, part) => {
    const last = list.at(-1);
    return last?.to === part.from ? [...list.slice(0, -1), { ...last, to: part.to }] : [...list, part];
  }, []);

/** @param queries [group, headDim] @returns [chunks] */
function scoresOf({ landmarks }: Shadow, queries: Float32Array): Float64Array {
  const headDim = landmarks[0]!.length;
  const rows = Array.from({ length: queries.length / headDim }, (_, g) =>
    softmax(
      Float64Array.from(landmarks, (landmark) => dot(queries, g * headDim, landmark, 0, headDim) / Math.sqrt(headDim)),
    ),
  );
  return Float64Array.from(landmarks, (_, chunk) => Math.max(...rows.map((row) => row[chunk]!)));
}
