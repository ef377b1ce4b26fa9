import type { KVCache } from '../cache/kv-cache.ts';
import type { Tier } from '../events.ts';

/** Chunks of the prompt, `size` tokens each: one list for all layers and heads. Chunk c holds the tokens [c * size, (c + 1) * size). */
export interface Chunks {
  readonly size: number;
  readonly prompt: number;
}

export const chunkCount = ({ size, prompt }: Chunks) => Math.ceil(prompt / size);

/** Entries of each chunk, over all heads: [chunks]. */
export function chunkSizes(cache: KVCache, chunks: Chunks): Int32Array {
  const sizes = new Int32Array(chunkCount(chunks));
  for (let head = 0; head < cache.store.heads; head++) {
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

/** Carries chunks to where they belong: first all that leave go out, then all that come back come in. */
export function settle(cache: KVCache, near: Uint8Array, chunks: Chunks): void {
  for (const to of ['host', 'device'] as const) {
    for (let layer = 0; layer < cache.store.config.layers; layer++) cache.move(layer, to, leaving(cache, layer, to));
  }
  cache.reclaim();

  function leaving(of: KVCache, layer: number, to: Tier): Int32Array[] {
    const { kvHeads } = of.store.config;
    const { host, capacity } = of.columns;
    return Array.from({ length: kvHeads }, (_, kvHead) => {
      const head = layer * kvHeads + kvHead;
      const entries: number[] = [];
      of.tokens(head).forEach((token, entry) => {
        const away = host[head * capacity + entry] === 1;
        const wanted = token >= chunks.prompt || near[Math.floor(token / chunks.size)] === 1;
        if (to === 'host' ? !away && !wanted : away && wanted) entries.push(entry);
      });
      return Int32Array.from(entries);
    });
  }
}
