import type { KVCache } from '../cache/kv-cache.ts';
import { chunkCount, type Chunks } from './chunks.ts';

/** Lower than any cosine: a chunk that nothing is known of comes last, as in KVFlash. */
const unknown = -2;

/**
 * The mean key of each chunk in each head, made one long when the chunk is full, and kept from then on. As KVFlash's target-QK policy has it
 * (Luce-Org/lucebox, server/src/common/kvflash_qk.h), which keeps them in the host's memory.
 */
export class MeanKeys {
  /** For each chunk [layers * kvHeads, headDim]. */
  readonly #means: Float32Array[];

  constructor(means: readonly Float32Array[] = []) {
    this.#means = [...means];
  }

  fork(): MeanKeys {
    return new MeanKeys(this.#means);
  }

  /** Looks at the chunks that were filled since. */
  seal(cache: KVCache, chunks: Chunks): void {
    const full = Math.min(chunkCount(chunks), Math.floor(cache.length / chunks.size));
    while (this.#means.length < full) this.#means.push(meanKeys(cache, this.#means.length, chunks.size));
  }

  /**
   * Cosine of a query and each chunk's mean key: the largest of the query heads that share a KV head, averaged over heads and layers.
   * @param query of a layer: [heads, headDim] @returns [chunks]
   */
  score(cache: KVCache, chunks: Chunks, query: (layer: number) => Float32Array): Float64Array {
    const { layers, heads, kvHeads, headDim } = cache.store.config;
    const scores = new Float64Array(chunkCount(chunks)).fill(unknown);
    const group = heads / kvHeads;
    const queries = Array.from({ length: layers }, (_, layer) => unitRows(query(layer), headDim));
    this.#means.forEach((means, chunk) => {
      let sum = 0;
      for (let head = 0; head < layers * kvHeads; head++) {
        const row = queries[Math.floor(head / kvHeads)]!;
        let best = -Infinity;
        for (let g = 0; g < group; g++) {
          const at = ((head % kvHeads) * group + g) * headDim;
          let dot = 0;
          for (let c = 0; c < headDim; c++) dot += row[at + c]! * means[head * headDim + c]!;
          best = Math.max(best, dot);
        }
        sum += best;
      }
      scores[chunk] = sum / (layers * kvHeads);
    });
    return scores;
  }
}

/** A mean of no keys is all zeros, and its cosine 0. */
function meanKeys(cache: KVCache, chunk: number, size: number): Float32Array {
  const { heads } = cache.store;
  const { headDim } = cache.store.config;
  const means = new Float32Array(heads * headDim);
  for (let head = 0; head < heads; head++) {
    cache.tokens(head).forEach((token, entry) => {
      if (Math.floor(token / size) !== chunk) return;
      const key = cache.store.key(cache.row(head, entry));
      for (let c = 0; c < headDim; c++) means[head * headDim + c]! += key[c]!;
    });
  }
  return unitRows(means, headDim);
}

/** Rows, each made one long. */
function unitRows(rows: Float32Array, width: number): Float32Array {
  const unit = rows.slice();
  for (let from = 0; from < unit.length; from += width) {
    const length = Math.hypot(...unit.subarray(from, from + width));
    for (let c = from; c < from + width; c++) unit[c]! /= length || 1;
  }
  return unit;
}
