import type { KVCache } from './cache/kv-cache.ts';
import { newerThan } from './eviction/newer-than.ts';
import { outputNorms } from './eviction/output-norms.ts';
import type { LayerView } from './eviction/types.ts';
import type { Model } from './model/model.ts';
import type { QueryLog } from './model/query-log.ts';

/** The most that a coming row of question or answer will pay: for each head (layer * kvHeads + kvHead) [tokens], averaged over its group. */
export type Future = readonly Float64Array[];

/**
 * One layer of a live cache as rules see it. What is computed is kept, so that several rules may ask for the same. Tokens that were read last may have
 * a vote and no place: they look at the entries, and are none.
 */
export class CacheView implements LayerView {
  readonly layer: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly ropeTheta: number;
  readonly seq: number;
  readonly counts: readonly number[];
  readonly #model: Model;
  readonly #cache: KVCache;
  readonly #queries: QueryLog;
  readonly #future: Future | undefined;
  readonly #sums = new Map<number, readonly Float64Array[]>();
  #norms: readonly Float64Array[] | undefined;

  /** @param future undefined where nobody knows @param held tokens that may be kept; those behind them only look */
  constructor(
    model: Model,
    cache: KVCache,
    queries: QueryLog,
    layer: number,
    future: Future | undefined,
    held = cache.length,
  ) {
    const { layers, heads, kvHeads, headDim, ropeTheta } = model.config;
    this.layer = layer;
    this.layers = layers;
    this.heads = heads;
    this.kvHeads = kvHeads;
    this.headDim = headDim;
    this.ropeTheta = ropeTheta;
    this.seq = cache.length;
    this.counts = Array.from({ length: kvHeads }, (_, kvHead) => {
      const tokens = cache.tokens(layer * kvHeads + kvHead);
      return tokens.length - newerThan(tokens, held);
    });
    this.#model = model;
    this.#cache = cache;
    this.#queries = queries;
    this.#future = future;
  }

  tokens(kvHead: number): Int32Array {
    return this.#all(kvHead).subarray(0, this.counts[kvHead]);
  }

  #all(kvHead: number): Int32Array {
    return this.#cache.tokens(this.layer * this.kvHeads + kvHead);
  }

  keys(kvHead: number): Float32Array {
    return this.#gather(kvHead, (row) => this.#cache.store.key(row));
  }

  values(kvHead: number): Float32Array {
    return this.#gather(kvHead, (row) => this.#cache.store.value(row));
  }

  #gather(kvHead: number, of: (row: number) => Float32Array): Float32Array {
    const rows = new Float32Array(this.counts[kvHead]! * this.headDim);
    for (let entry = 0; entry < this.counts[kvHead]!; entry++) {
      rows.set(of(this.#cache.row(this.layer * this.kvHeads + kvHead, entry)), entry * this.headDim);
    }
    return rows;
  }

  attentionSums(rows: number): readonly Float64Array[] {
    let sums = this.#sums.get(rows);
    if (!sums) this.#sums.set(rows, (sums = this.#sum(Math.min(rows, this.seq))));
    return sums;
  }

  #sum(rows: number): Float64Array[] {
    const sums = this.#forHeads((count) => count);
    this.#look(this.seq - rows, this.seq, (head, _row, probs) => {
      const sum = sums[head]!;
      for (let j = 0; j < probs.length; j++) sum[j]! += probs[j]!;
    });
    return sums;
  }

  attentionRows(from: number, to: number): readonly Float64Array[] {
    const rows = this.#forHeads((count) => count * (to - from));
    this.#look(from, to, (head, row, probs) => {
      rows[head]!.set(probs, row * this.counts[Math.floor((head * this.kvHeads) / this.heads)]!);
    });
    return rows;
  }

  #forHeads(length: (count: number) => number): Float64Array[] {
    return Array.from(
      { length: this.heads },
      (_, head) => new Float64Array(length(this.counts[Math.floor((head * this.kvHeads) / this.heads)]!)),
    );
  }

  /**
   * Computed again from queries and keys, a row at a time: no attention matrix is ever whole.
   * @param paid receives what the row of each head paid to the entries that it saw
   */
  #look(from: number, to: number, paid: (head: number, row: number, probs: Float32Array) => void): void {
    const group = this.heads / this.kvHeads;
    for (let kvHead = 0; kvHead < this.kvHeads; kvHead++) {
      const tokens = this.#all(kvHead);
      let seen = 0;
      for (let token = from; token < to; token++) {
        while (seen < tokens.length && tokens[seen]! <= token) seen++;
        if (!seen) continue;
        const query = this.#queries.at(this.layer, token) + kvHead * group * this.headDim;
        const probs = this.#model.look(this.#cache, this.layer * this.kvHeads + kvHead, query, seen);
        const { f32 } = this.#model.kernels.heap;
        for (let g = 0; g < group; g++) {
          const at = probs + g * seen;
          paid(kvHead * group + g, token - from, f32.subarray(at, at + Math.min(seen, this.counts[kvHead]!)));
        }
      }
    }
  }

  outputNorms(): readonly Float64Array[] {
    return (this.#norms ??= outputNorms(this, this.#model.outputProjection(this.layer)));
  }

  /** A token that came after the question was first asked has no known future; it scores nothing. */
  futurePeaks(): readonly Float64Array[] {
    const future = this.#future;
    if (!future) throw new Error('Nobody knows yet what the answer will look at.');
    return this.counts.map((_, kvHead) => {
      const known = future[this.layer * this.kvHeads + kvHead]!;
      return Float64Array.from(this.tokens(kvHead), (token) => known[token] ?? 0);
    });
  }
}
