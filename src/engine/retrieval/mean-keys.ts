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
    const { heads, kvHeads } = cache.store.config;
    const group = heads / kvHeads;
    return this.weigh(cache, chunks, query, (cosines) => {
      let sum = 0;
      for (let at = 0; at < cosines.length; at += group) sum += Math.max(...cosines.subarray(at, at + group));
      return sum / (cosines.length / group);
    });
  }

  /** @param weigh what [layers * heads] cosines are worth together */
  weigh(
    cache: KVCache,
    chunks: Chunks,
    query: (layer: number) => Float32Array,
    weigh: (cosines: Float64Array) => number,
  ): Float64Array {
    const { layers, heads, kvHeads, headDim } = cache.store.config;
    const scores = new Float64Array(chunkCount(chunks)).fill(unknown);
    const queries = Array.from({ length: layers }, (_, layer) => unitRows(query(layer), headDim));
    const cosines = new Float64Array(layers * heads);
    this.#means.forEach((means, chunk) => {
      for (let at = 0; at < cosines.length; at++) {
        const layer = Math.floor(at / heads);
        const head = at - layer * heads;
        const key = (layer * kvHeads + Math.floor((head * kvHeads) / heads)) * headDim;
        const query = queries[layer]!;
        let dot = 0;
        for (let c = 0; c < headDim; c++) dot += query[head * headDim + c]! * means[key + c]!;
        cosines[at] = dot;
      }
      scores[chunk] = weigh(cosines);
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
    const tokens = cache.tokens(head);
    // Tokens ascend, so that none of the chunk stands behind its own number.
    let entry = Math.min(tokens.length, (chunk + 1) * size);
    while (entry > 0 && tokens[entry - 1]! >= chunk * size) entry--;
    for (; entry < tokens.length && tokens[entry]! < (chunk + 1) * size; entry++) {
      const key = cache.store.key(cache.row(head, entry));
      for (let c = 0; c < headDim; c++) means[head * headDim + c]! += key[c]!;
    }
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
