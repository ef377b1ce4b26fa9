import type { KVCache } from '../cache/kv-cache.ts';
import type { Tier } from '../events.ts';

/** Chunks of the prompt, `size` tokens each: one list for all layers and heads. Chunk c holds the tokens [c * size, (c + 1) * size). */
export interface Chunks {
  readonly size: number;
  readonly prompt: number;
}

const allHeads = ({ store }: KVCache): readonly number[] => [...Array(store.heads).keys()];

/** The heads (layer * kvHeads + kvHead) of one layer. */
export const headsOf = ({ store }: KVCache, layer: number): readonly number[] =>
  Array.from({ length: store.config.kvHeads }, (_, kvHead) => layer * store.config.kvHeads + kvHead);

export const chunkCount = ({ size, prompt }: Chunks) => Math.ceil(prompt / size);

/** Entries of each chunk, over some heads: [chunks]. */
export function chunkSizes(cache: KVCache, chunks: Chunks, heads = allHeads(cache)): Int32Array {
  const sizes = new Int32Array(chunkCount(chunks));
  for (const head of heads) {
    for (const token of cache.tokens(head)) if (token < chunks.prompt) sizes[Math.floor(token / chunks.size)]!++;
  }
  return sizes;
}

/** What tokens are worth together: [chunks], from [prompt]. */
export function chunkSums(tokens: ArrayLike<number>, chunks: Chunks): Float64Array {
  const sums = new Float64Array(chunkCount(chunks));
  for (let token = 0; token < chunks.prompt; token++) sums[Math.floor(token / chunks.size)]! += tokens[token] ?? 0;
  return sums;
}

/** The first chunk, and those of which one of the newest `window` tokens is part, the newest first. */
export function protectedChunks(length: number, window: number, chunks: Chunks): number[] {
  const from = Math.max(0, Math.floor((length - window) / chunks.size));
  const newest: number[] = [];
  for (let chunk = chunkCount(chunks) - 1; chunk >= from; chunk--) newest.push(chunk);
  return [0, ...newest.filter((chunk) => chunk > 0)];
}

/** Chunks by score, the best first; of equal ones the newer. */
export const ranked = (scores: ArrayLike<number>): number[] =>
  Array.from(scores, (_, chunk) => chunk).sort((a, b) => scores[b]! - scores[a]! || b - a);

/**
 * Which chunks lie near: in the given order, each that still fits.
 * @param sizes entries of each chunk @param room entries that may lie near
 * @returns [chunks] 1 where it does
 */
export function fitting(order: Iterable<number>, sizes: ArrayLike<number>, room: number): Uint8Array {
  const near = new Uint8Array(sizes.length);
  let left = room;
  for (const chunk of order) {
    if (near[chunk] || sizes[chunk]! > left) continue;
    near[chunk] = 1;
    left -= sizes[chunk]!;
  }
  return near;
}

/** Carries chunks to where they belong, and gives back what is empty then. */
export function settle(cache: KVCache, near: Uint8Array, chunks: Chunks, heads = allHeads(cache)): void {
  carry(cache, near, chunks, heads);
  cache.reclaim();
}

/** Carries chunks of some heads to where they belong: first all that leave go out, then all that come back come in. */
export function carry(cache: KVCache, near: Uint8Array, chunks: Chunks, heads: readonly number[]): void {
  const { kvHeads } = cache.store.config;
  const layers = new Set(heads.map((head) => Math.floor(head / kvHeads)));
  const seen = new Set(heads);
  for (const to of ['host', 'device'] as const) {
    for (const layer of layers) {
      const leaves = headsOf(cache, layer).map((head) =>
        seen.has(head) ? leaving(cache, head, to, near, chunks) : [],
      );
      cache.move(
        layer,
        to,
        leaves.map((entries) => Int32Array.from(entries)),
      );
    }
  }
}

/** Entries of a head that lie in the other memory than `to`, where they belong. */
function leaving(cache: KVCache, head: number, to: Tier, near: Uint8Array, { size, prompt }: Chunks): number[] {
  const { host, capacity } = cache.columns;
  const entries: number[] = [];
  cache.tokens(head).forEach((token, entry) => {
    const away = host[head * capacity + entry] === 1;
    const wanted = token >= prompt || near[Math.floor(token / size)] === 1;
    if (to === 'host' ? !away && !wanted : away && wanted) entries.push(entry);
  });
  return entries;
}

/** Has the newest tokens near, as many as there is room for: all that a way of fetching can do that knows nothing. */
export function settleNewest(
  cache: KVCache,
  { room, prompt }: { readonly room: number; readonly prompt: number },
): void {
  const tokens = { size: 1, prompt };
  const age = Float64Array.from({ length: prompt }, (_, token) => token);
  settle(cache, fitting(ranked(age), chunkSizes(cache, tokens), room), tokens);
}
