import type { KVCache } from '../cache/kv-cache.ts';
import { Store } from '../cache/store.ts';
import type { Address } from '../kernels/heap.ts';
import { inPanels, panelWords, unpackPanels } from '../kernels/panels.ts';
import type { Kernels } from '../kernels/types.ts';
import { rowWork } from '../measure/work.ts';
import { Calibration } from './calibration.ts';
import { readConfig, type Config } from './config.ts';
import type { QueryLog } from './query-log.ts';
import { Rope } from './rope.ts';
import { Vocabulary } from './tokenizer.ts';
import { readWeights, type LayerWeights, type Weights } from './weights.ts';

/** A model as it lies in its folder. */
export interface ModelFile {
  readonly id: string;
  /** config.json */
  readonly config: Readonly<Record<string, unknown>>;
  /** tokenizer.json */
  readonly tokenizer: unknown;
  /** model.safetensors */
  readonly weights: Uint8Array;
  /** calibration.safetensors, where methods learned from the model */
  readonly calibration?: Uint8Array | undefined;
}

/** What looks at the attention of a reading's last token, as it is computed. */
export interface Recorder {
  /** @param probs [group, count] in the heap @param entries which of the head's entries were read; all where it is missing */
  record(layer: number, kvHead: number, probs: Float32Array, count: number, entries: Int32Array | undefined): void;
}

/** Says which entries of a head a query reads: a method that reads less than it holds. */
export interface Attending {
  /**
   * Shows a token's queries of a layer while the layer before it is at work, so that there is time to fetch: the queries that the input of that one gives.
   * Those of the first two layers are their own: what enters the first is a word alone, which tells little of what the second will ask.
   * @param queries [heads, headDim] after RoPE
   */
  rehearse?(layer: number, queries: Float32Array, cache: KVCache): void;
  attend?(layer: number, kvHead: number, query: Float32Array, cache: KVCache, count: number): Int32Array | undefined;
}

/** Tokens that one lane reads in a pass: the newest entries of its cache, which wait for their keys and values. */
export interface Reading {
  readonly cache: KVCache;
  readonly tokens: readonly number[];
  readonly queries?: QueryLog | undefined;
  readonly recorder?: Recorder | undefined;
  readonly retriever?: Attending | undefined;
  /** Told the last token's row of the residual stream [hidden] after each layer, in the heap. */
  readonly states?: ((layer: number, state: Float32Array) => void) | undefined;
  /** Multiply-accumulates of this reading are added to it. */
  readonly meter?: { work: number } | undefined;
}

interface Row {
  readonly reading: Reading;
  readonly of: number;
  readonly token: number;
  /** Newer tokens of the same reading, which this one must not see. */
  readonly newer: number;
}

/** Rows that pass through the layers together; longer prompts go in several passes, which gives the same numbers. */
const passRows = 64;

/** A Llama-architecture decoder (RMSNorm, SwiGLU, half-split RoPE, grouped-query attention, tied embeddings) and the memory of its caches. */
export class Model {
  readonly id: string;
  readonly config: Config;
  readonly vocabulary: Vocabulary;
  readonly kernels: Kernels;
  readonly store: Store;
  readonly learned: Calibration;
  /** Multiply-accumulates done since the model was made: matrices and attention. */
  work = 0;
  readonly #weights: Weights;
  readonly #rope: Rope;
  readonly #x: Address; // [passRows, hidden]
  readonly #normed: Address; // [passRows, hidden]
  readonly #query: Address; // [passRows, heads * headDim]
  readonly #key: Address; // [passRows, kvHeads * headDim]
  readonly #value: Address; // [passRows, kvHeads * headDim]
  readonly #mixed: Address; // [passRows, heads * headDim]
  readonly #gate: Address; // [passRows, inner]
  readonly #up: Address; // [passRows, inner]
  readonly #logits: Address; // [passRows, vocabulary]
  #probs: Address = 0; // [heads / kvHeads, #longest]
  #some: Address = 0; // [#longest] rows that a query reads, when it does not read all
  #longest = 0;
  #shelf = new Float32Array(0); // [16, vocabulary] logits that were handed out
  #shelved = 0;

  /** @throws Error that says which file is wrong, and how */
  constructor(file: ModelFile, kernels: Kernels) {
    this.id = file.id;
    this.config = readConfig(file.id, file.config);
    this.vocabulary = Vocabulary.read(file.id, file.tokenizer);
    const { hidden, heads, kvHeads, headDim, inner, vocabulary, ropeTheta } = this.config;
    if (this.vocabulary.words.length > vocabulary) {
      throw new Error(`${file.id} has ${vocabulary} tokens, and its tokenizer ${this.vocabulary.words.length} words.`);
    }
    this.learned = new Calibration(this.config, file.calibration);
    this.kernels = kernels;
    const { heap } = kernels;
    this.#weights = readWeights(this.config, file.weights, heap);
    this.#rope = new Rope(headDim, ropeTheta);
    this.store = new Store(this.config, heap, this.#rope);
    const rows = (width: number) => heap.take(passRows * width);
    this.#x = rows(hidden);
    this.#normed = rows(Math.max(hidden, heads * headDim));
    this.#query = rows(heads * headDim);
    this.#key = rows(kvHeads * headDim);
    this.#value = rows(kvHeads * headDim);
    this.#mixed = rows(heads * headDim);
    this.#gate = rows(inner);
    this.#up = rows(inner);
    this.#logits = rows(vocabulary);
  }

  /**
   * Computes the newest tokens of several caches in one pass that shares the weights, and fills in their keys and values.
   * @returns for each reading the logits [vocabulary] after its last token
   */
  forward(readings: readonly Reading[]): Float32Array[] {
    const rows: Row[] = readings.flatMap((reading, of) =>
      reading.tokens.map((token, i) => ({ reading, of, token, newer: reading.tokens.length - 1 - i })),
    );
    this.#reach(readings.reduce((longest, { cache }) => Math.max(longest, cache.length), 0));
    const logits: Float32Array[] = [];
    for (let from = 0; from < rows.length; from += passRows) this.#pass(rows.slice(from, from + passRows), logits);
    return logits;
  }

  /**
   * Attention of one KV head's queries to its first entries, computed again from what is cached.
   * @param query [group, headDim] in the heap @returns where the probabilities [group, count] are, until the next call
   */
  look(cache: KVCache, head: number, query: Address, count: number): Address {
    const { heads, kvHeads, headDim } = this.config;
    this.#reach(cache.length);
    const { rows, capacity } = cache.columns;
    const group = heads / kvHeads;
    this.kernels.attend(
      this.#mixed,
      query,
      0,
      this.store.values,
      rows + head * capacity,
      count,
      group,
      headDim,
      this.#probs,
    );
    return this.#probs;
  }

  /** The matrix that adds up the heads of a layer, [hidden, heads * headDim]. */
  outputProjection(layer: number): Float32Array {
    const { hidden, heads, headDim } = this.config;
    const width = heads * headDim;
    const packed = this.kernels.heap.floats(this.#weights.layers[layer]!.output, panelWords(hidden, width));
    return unpackPanels(packed, hidden, width);
  }

  /** Attention needs a place for the probabilities of the longest cache. */
  #reach(length: number): void {
    if (length <= this.#longest) return;
    const { heap } = this.kernels;
    const group = this.config.heads / this.config.kvHeads;
    const longest = Math.max(256, 2 ** Math.ceil(Math.log2(length)));
    // What is in use goes back only when there is memory for what takes its place.
    const probs = heap.take(group * longest);
    const some = heap.take(longest);
    if (this.#longest) heap.give(this.#probs, group * this.#longest);
    if (this.#longest) heap.give(this.#some, this.#longest);
    [this.#probs, this.#some, this.#longest] = [probs, some, longest];
  }

  #pass(rows: readonly Row[], logits: Float32Array[]): void {
    const { hidden, eps, vocabulary } = this.config;
    const { embedding, layers, norm } = this.#weights;
    const { f32 } = this.kernels.heap;
    rows.forEach(({ token }, r) => {
      const x = this.#x + r * hidden;
      for (let i = 0; i < hidden; i++) f32[x + i] = f32[embedding + inPanels(token, i, hidden)]!;
    });
    layers.forEach((weights, layer) => {
      this.#place(layer, weights, rows);
      this.#rehearse(layer, rows);
      // In the last layer a row from which nothing is predicted leaves its key and value, and is done.
      const going = layer + 1 < layers.length ? rows : this.#predicting(rows);
      this.#mix(layer, weights, going);
      this.#feed(weights, going.length);
      going.forEach(({ reading: { states }, newer }, r) => {
        if (!newer) states?.(layer, this.kernels.heap.floats(this.#x + r * hidden, hidden));
      });
    });
    for (const { reading, newer } of rows) if (reading.meter) reading.meter.work += rowWork(this.config, !newer);
    const last = rows.filter(({ newer }) => !newer);
    if (!last.length) return;
    this.kernels.rmsnorm(this.#normed, this.#x, norm, last.length, hidden, eps);
    this.#linear(this.#logits, this.#normed, embedding, last.length, hidden, vocabulary);
    last.forEach(({ of }, i) => {
      const at = this.#logits + i * vocabulary;
      // A retriever may have asked for memory, and then the numbers lie in another array.
      logits[of] = this.#copied(this.kernels.heap.floats(at, vocabulary));
    });
  }

  /** A copy, of which many lie in one piece of memory: to ask for a piece each time takes longer than the copying. */
  #copied(numbers: Float32Array): Float32Array {
    const { length } = numbers;
    if (this.#shelved + length > this.#shelf.length) [this.#shelf, this.#shelved] = [new Float32Array(16 * length), 0];
    const copy = this.#shelf.subarray(this.#shelved, (this.#shelved += length));
    copy.set(numbers);
    return copy;
  }

  /**
   * The logits [vocabulary] of a row of the residual stream as if no layer came after it: the logit lens.
   * @param state [hidden] @param normed whether it passes the last norm, as it does at the end of the model
   */
  lens(state: Float32Array, normed = true): Float32Array {
    const { hidden, eps, vocabulary } = this.config;
    const { embedding, norm } = this.#weights;
    const { heap } = this.kernels;
    heap.floats(this.#normed, hidden).set(state);
    if (normed) this.kernels.rmsnorm(this.#normed, this.#normed, norm, 1, hidden, eps);
    this.#linear(this.#logits, this.#normed, embedding, 1, hidden, vocabulary);
    return this.#copied(heap.floats(this.#logits, vocabulary));
  }

  /** The rows after which a token is predicted, moved to the front. */
  #predicting(rows: readonly Row[]): Row[] {
    const { hidden, heads, headDim } = this.config;
    const { f32 } = this.kernels.heap;
    const at = rows.flatMap(({ newer }, r) => (newer ? [] : [r]));
    for (const [start, width] of [
      [this.#x, hidden],
      [this.#query, heads * headDim],
    ] as const)
      at.forEach((r, i) => f32.copyWithin(start + i * width, start + r * width, start + (r + 1) * width));
    return at.map((r) => rows[r]!);
  }

  /** Queries, keys and values of all rows, where they belong. */
  #place(layer: number, weights: LayerWeights, rows: readonly Row[]): void {
    const { hidden, heads, kvHeads, headDim, eps } = this.config;
    const n = rows.length;
    this.kernels.rmsnorm(this.#normed, this.#x, weights.inputNorm, n, hidden, eps);
    this.#linear(this.#query, this.#normed, weights.query, n, hidden, heads * headDim);
    this.#linear(this.#key, this.#normed, weights.key, n, hidden, kvHeads * headDim);
    this.#linear(this.#value, this.#normed, weights.value, n, hidden, kvHeads * headDim);
    rows.forEach((row, r) => {
      this.#placeRow(layer, row, r);
      const { queries, cache } = row.reading;
      queries?.write(layer, cache.length - 1 - row.newer, this.#query + r * heads * headDim);
    });
  }

  /** Shows what the next layer's queries would be if this one changed nothing. */
  #rehearse(layer: number, rows: readonly Row[]): void {
    const { hidden, heads, headDim } = this.config;
    const width = heads * headDim;
    const next = this.#weights.layers[layer + 1];
    rows.forEach(({ reading: { cache, retriever, meter }, newer }, r) => {
      if (!retriever?.rehearse) return;
      const show = (of: number, at: Address) =>
        retriever.rehearse!(of, this.kernels.heap.floats(at, width).slice(), cache);
      if (layer < 2) show(layer, this.#query + r * width);
      if (layer < 1 || !next) return;
      this.#linear(this.#mixed, this.#normed + r * hidden, next.query, 1, hidden, width);
      if (meter) meter.work += hidden * width;
      this.#turnQueries(layer + 1, this.#mixed, cache, newer);
      show(layer + 1, this.#mixed);
    });
  }

  /** What each row reads in its cache is added to it. */
  #mix(layer: number, weights: LayerWeights, rows: readonly Row[]): void {
    const { hidden, heads, kvHeads, headDim } = this.config;
    const n = rows.length;
    for (let r = 0; r < n; r++) {
      for (let kvHead = 0; kvHead < kvHeads; kvHead++) this.#attendHead(layer, kvHead, rows[r]!, r);
    }
    this.#linear(this.#normed, this.#mixed, weights.output, n, heads * headDim, hidden);
    this.kernels.add(this.#x, this.#normed, n * hidden);
  }

  /** Turns a token's queries of a layer [heads, headDim] to its position in each head. */
  #turnQueries(layer: number, queries: Address, { columns }: KVCache, newer: number): void {
    const { heads, kvHeads, headDim } = this.config;
    const group = heads / kvHeads;
    for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
      const head = layer * kvHeads + kvHead;
      const position = columns.position[head * columns.capacity + columns.counts[head]! - 1 - newer]!;
      this.#rope.rotate(this.kernels.heap.f32, queries + kvHead * group * headDim, group, position);
    }
  }

  /** Turns the row's query and key to its position in each head, and writes key and value into its slot. */
  #placeRow(layer: number, { reading: { cache }, newer }: Row, r: number): void {
    const { heads, kvHeads, headDim } = this.config;
    const { f32 } = this.kernels.heap;
    const { columns } = cache;
    this.#turnQueries(layer, this.#query + r * heads * headDim, cache, newer);
    for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
      const head = layer * kvHeads + kvHead;
      const entry = columns.counts[head]! - 1 - newer;
      const key = this.#key + (r * kvHeads + kvHead) * headDim;
      this.#rope.rotate(f32, key, 1, columns.position[head * columns.capacity + entry]!);
      const at = cache.row(head, entry) * headDim;
      f32.copyWithin(at, key, key + headDim);
      const value = this.#value + (r * kvHeads + kvHead) * headDim;
      f32.copyWithin(at + this.store.values, value, value + headDim);
    }
  }

  #attendHead(layer: number, kvHead: number, { reading, newer }: Row, r: number): void {
    const { heads, kvHeads, headDim } = this.config;
    const { cache, recorder, retriever } = reading;
    const head = layer * kvHeads + kvHead;
    const group = heads / kvHeads;
    const { columns } = cache;
    const at = (r * heads + kvHead * group) * headDim;
    let count = columns.counts[head]! - newer;
    let rows = columns.rows + head * columns.capacity;
    const { heap } = this.kernels;
    const entries =
      retriever?.attend?.(layer, kvHead, heap.floats(this.#query + at, group * headDim), cache, count) ??
      cache.near(head, count);
    if (entries) {
      count = entries.length;
      for (let i = 0; i < count; i++) heap.i32[this.#some + i] = heap.i32[rows + entries[i]!]!;
      rows = this.#some;
    }
    this.kernels.attend(
      this.#mixed + at,
      this.#query + at,
      0,
      this.store.values,
      rows,
      count,
      group,
      headDim,
      this.#probs,
    );
    const work = 2 * group * headDim * count;
    this.work += work;
    if (reading.meter) reading.meter.work += work;
    if (recorder && !newer) recorder.record(layer, kvHead, heap.floats(this.#probs, group * count), count, entries);
  }

  #feed(weights: LayerWeights, n: number): void {
    const { hidden, inner, eps } = this.config;
    this.kernels.rmsnorm(this.#normed, this.#x, weights.postNorm, n, hidden, eps);
    this.#linear(this.#gate, this.#normed, weights.gate, n, hidden, inner);
    this.#linear(this.#up, this.#normed, weights.up, n, hidden, inner);
    this.kernels.swiglu(this.#gate, this.#gate, this.#up, n * inner);
    this.#linear(this.#normed, this.#gate, weights.down, n, inner, hidden);
    this.kernels.add(this.#x, this.#normed, n * hidden);
  }

  #linear(y: Address, x: Address, w: Address, n: number, inDim: number, outDim: number): void {
    this.kernels.linear(y, x, w, n, inDim, outDim);
    this.work += n * inDim * outDim;
  }
}
