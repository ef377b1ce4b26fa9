import type { KVCache } from './cache/kv-cache.ts';
import { newerThan } from './eviction/newer-than.ts';
import { outputNorms } from './eviction/output-norms.ts';
import type { LayerView, LearnedName } from './eviction/types.ts';
import type { Model } from './model/model.ts';
import type { QueryLog } from './model/query-log.ts';
import type { Rope } from './model/rope.ts';

/** The most that a coming row of question or answer will pay: for each head (layer * kvHeads + kvHead) [tokens], averaged over its group. */
export type Future = readonly Float64Array[];

/** The most that a row of a second reading pays: for each query head (layer * heads + head) [tokens]. */
export type Repeat = readonly Float64Array[];

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
  readonly rope: Rope;
  readonly seq: number;
  readonly counts: readonly number[];
  readonly #model: Model;
  readonly #cache: KVCache;
  readonly #queries: QueryLog;
  readonly #future: Future | undefined;
  readonly #repeat: (() => Repeat) | undefined;
  readonly #sums = new Map<number, readonly Float64Array[]>();
  readonly #rows = new Map<number, Float32Array[]>();
  readonly #keys: Float32Array[] = [];
  readonly #values: Float32Array[] = [];
  readonly #keysBeforeRope: Float32Array[] = [];
  readonly #asked: Float32Array[] = [];
  readonly #askedBeforeRope: Float32Array[] = [];
  #norms: readonly Float64Array[] | undefined;

  /**
   * @param future undefined where nobody knows
   * @param held tokens that may be kept; those behind them only look
   * @param repeat reads the text once more, when it is asked for the first time
   */
  constructor(
    model: Model,
    cache: KVCache,
    queries: QueryLog,
    layer: number,
    future: Future | undefined,
    held = cache.length,
    repeat?: () => Repeat,
  ) {
    const { layers, heads, kvHeads, headDim } = model.config;
    this.layer = layer;
    this.layers = layers;
    this.heads = heads;
    this.kvHeads = kvHeads;
    this.headDim = headDim;
    this.rope = model.store.rope;
    this.seq = cache.length;
    this.counts = Array.from({ length: kvHeads }, (_, kvHead) => {
      const tokens = cache.tokens(layer * kvHeads + kvHead);
      return tokens.length - newerThan(tokens, held);
    });
    this.#model = model;
    this.#cache = cache;
    this.#queries = queries;
    this.#future = future;
    this.#repeat = repeat;
  }

  tokens(kvHead: number): Int32Array {
    return this.#all(kvHead).subarray(0, this.counts[kvHead]);
  }

  #all(kvHead: number): Int32Array {
    return this.#cache.tokens(this.layer * this.kvHeads + kvHead);
  }

  keys(kvHead: number): Float32Array {
    return (this.#keys[kvHead] ??= this.#gather(kvHead, (row) => this.#cache.store.key(row)));
  }

  values(kvHead: number): Float32Array {
    return (this.#values[kvHead] ??= this.#gather(kvHead, (row) => this.#cache.store.value(row)));
  }

  #gather(kvHead: number, of: (row: number) => Float32Array): Float32Array {
    const rows = new Float32Array(this.counts[kvHead]! * this.headDim);
    for (let entry = 0; entry < this.counts[kvHead]!; entry++) {
      rows.set(of(this.#cache.row(this.layer * this.kvHeads + kvHead, entry)), entry * this.headDim);
    }
    return rows;
  }

  keysBeforeRope(kvHead: number): Float32Array {
    const known = this.#keysBeforeRope[kvHead];
    if (known) return known;
    const rows = this.keys(kvHead).slice();
    const positions = this.#cache.positions(this.layer * this.kvHeads + kvHead);
    this.#turnBack(rows, (entry) => positions[entry]!);
    return (this.#keysBeforeRope[kvHead] = rows);
  }

  queries(head: number, rows: number): Float32Array {
    return this.#newest(this.#asked, head, rows, () => {
      const queries = new Float32Array(rows * this.headDim);
      const { heap } = this.#model.kernels;
      for (let i = 0; i < rows; i++) {
        const at = this.#queries.at(this.layer, this.seq - rows + i) + head * this.headDim;
        queries.set(heap.floats(at, this.headDim), i * this.headDim);
      }
      return queries;
    });
  }

  /** Queries are turned back by their tokens' numbers, which is not quite right in a lane that gave its tokens new positions before they were read. */
  queriesBeforeRope(head: number, rows: number): Float32Array {
    return this.#newest(this.#askedBeforeRope, head, rows, () => {
      const queries = this.queries(head, rows).slice();
      this.#turnBack(queries, (i) => this.seq - rows + i);
      return queries;
    });
  }

  /** Of as many rows as were ever asked for, those at the end. */
  #newest(known: Float32Array[], head: number, rows: number, compute: () => Float32Array): Float32Array {
    const length = rows * this.headDim;
    if (!(known[head] && known[head].length >= length)) known[head] = compute();
    return known[head].subarray(known[head].length - length);
  }

  #turnBack(rows: Float32Array, position: (row: number) => number): void {
    for (let i = 0; i * this.headDim < rows.length; i++) this.rope.rotate(rows, i * this.headDim, 1, -position(i));
  }

  attentionSums(rows: number, weigh?: (token: number) => number): readonly Float64Array[] {
    if (weigh) return this.#sum(Math.min(rows, this.seq), weigh);
    let sums = this.#sums.get(rows);
    if (!sums) this.#sums.set(rows, (sums = this.#sum(Math.min(rows, this.seq))));
    return sums;
  }

  #sum(rows: number, weigh = (_token: number) => 1): Float64Array[] {
    const sums = this.#forHeads((count) => count);
    this.#look(this.seq - rows, this.seq, (head, row, probs) => {
      const sum = sums[head]!;
      const weight = weigh(this.seq - rows + row);
      for (let j = 0; j < probs.length; j++) sum[j]! += weight * probs[j]!;
    });
    return sums;
  }

  attentionRows(from: number, to: number): readonly Float64Array[] {
    const rows = this.#forHeads((count) => count * (to - from));
    for (let token = from; token < to; token++) {
      this.attentionRow(token).forEach((paid, head) =>
        rows[head]!.set(paid, (token - from) * (rows[head]!.length / (to - from))),
      );
    }
    return rows;
  }

  /** Kept, as rules that see a layer in parts ask for the same rows again and again. */
  attentionRow(token: number): readonly Float32Array[] {
    let row = this.#rows.get(token);
    if (row) return row;
    const paid = (row = new Array<Float32Array>(this.heads).fill(new Float32Array(0)));
    this.#look(token, token + 1, (head, _row, probs) => (paid[head] = probs.slice()));
    this.#rows.set(token, row);
    return row;
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

  /** A token that came after the text was read again scores nothing. */
  repeatPeaks(): readonly Float64Array[] {
    const repeat = this.#repeat?.();
    if (!repeat) throw new Error('Nobody read the text once more.');
    return Array.from({ length: this.heads }, (_, head) => {
      const known = repeat[this.layer * this.heads + head]!;
      const tokens = this.tokens(Math.floor((head * this.kvHeads) / this.heads));
      return Float64Array.from(tokens, (token) => known[token] ?? 0);
    });
  }

  learned(name: LearnedName): Float32Array {
    return this.#model.learned.of(name, this.layer);
  }
}
