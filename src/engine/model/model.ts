import type { LaneCache } from '../cache/lane-cache.ts';
import type { Kernels } from '../kernels/types.ts';
import type { Config } from './config.ts';
import { Rope } from './rope.ts';
import { readWeights, type LayerWeights, type Weights } from './weights.ts';

/** Tokens that one lane reads in a pass; they take the positions after what its cache has seen. */
export interface Reading {
  readonly cache: LaneCache;
  readonly tokens: readonly number[];
}

/** Called with the queries of one row after RoPE ([heads, headDim]) and the attention probabilities of one KV head's group. */
export interface Watch {
  queries?(layer: number, row: number, queries: Float32Array): void;
  /** @param probs [group, count] over the head's held positions */
  attention?(layer: number, kvHead: number, row: number, probs: Float32Array, count: number): void;
}

interface Row {
  readonly cache: LaneCache;
  readonly token: number;
  readonly reading: number;
  readonly last: boolean;
  position: number;
  slot: number;
}

/** Rows that pass through the layers together; longer prompts go in several passes, which gives the same numbers. */
const passRows = 64;

/** Tokens that a lane can hold: the longest text, its question, its answer. */
export const maxPositions = 1152;

/** A Llama-architecture decoder (RMSNorm, SwiGLU, half-split RoPE, grouped-query attention, tied embeddings). */
export class Model {
  readonly config: Config;
  readonly kernels: Kernels;
  /** Multiply-accumulates done since the model was made: matrices and attention. */
  work = 0;
  readonly #weights: Weights;
  readonly #rope: Rope;
  readonly #x: Float32Array; // [passRows, hidden]
  readonly #normed: Float32Array; // [passRows, hidden]
  readonly #query: Float32Array; // [passRows, heads * headDim]
  readonly #key: Float32Array; // [passRows, kvHeads * headDim]
  readonly #value: Float32Array; // [passRows, kvHeads * headDim]
  readonly #mixed: Float32Array; // [passRows, heads * headDim]
  readonly #gate: Float32Array; // [passRows, inner]
  readonly #up: Float32Array; // [passRows, inner]
  readonly #probs: Float32Array; // [heads / kvHeads, maxPositions]
  readonly #logits: Float32Array; // [passRows, vocabulary]

  constructor(config: Config, weights: Uint8Array, kernels: Kernels) {
    this.config = config;
    this.kernels = kernels;
    this.#weights = readWeights(config, weights, kernels);
    this.#rope = new Rope(maxPositions, config.headDim, config.ropeTheta);
    const rows = (width: number) => kernels.floats(passRows * width);
    this.#x = rows(config.hidden);
    this.#normed = rows(config.hidden);
    this.#query = rows(config.heads * config.headDim);
    this.#key = rows(config.kvHeads * config.headDim);
    this.#value = rows(config.kvHeads * config.headDim);
    this.#mixed = rows(config.heads * config.headDim);
    this.#gate = rows(config.inner);
    this.#up = rows(config.inner);
    this.#probs = kernels.floats((config.heads / config.kvHeads) * maxPositions);
    this.#logits = rows(config.vocabulary);
  }

  /** Memory for one call of the attention kernel, shared by whoever computes attention again after the pass. */
  scratch(): { readonly query: Float32Array; readonly out: Float32Array; readonly probs: Float32Array } {
    return { query: this.#query, out: this.#mixed, probs: this.#probs };
  }

  /**
   * Reads tokens into several lanes in one pass that shares the weights.
   * @returns for each reading the logits [vocabulary] after its last token
   */
  read(readings: readonly Reading[], watch: Watch = {}): Float32Array[] {
    const rows: Row[] = readings.flatMap(({ cache, tokens }, reading) =>
      tokens.map((token, i) => ({ cache, token, position: 0, slot: 0, reading, last: i === tokens.length - 1 })),
    );
    const logits: Float32Array[] = [];
    for (let from = 0; from < rows.length; from += passRows)
      this.#pass(rows.slice(from, from + passRows), from, logits, watch);
    return logits;
  }

  #pass(rows: readonly Row[], from: number, logits: Float32Array[], watch: Watch): void {
    const { hidden, eps, vocabulary } = this.config;
    const { embedding, layers, norm } = this.#weights;
    rows.forEach((row, r) => {
      row.position = row.cache.length;
      row.slot = row.cache.append();
      this.#x.set(embedding.subarray(row.token * hidden, (row.token + 1) * hidden), r * hidden);
    });
    layers.forEach((weights, layer) => {
      this.#attend(layer, weights, rows, from, watch);
      this.#feed(weights, rows.length);
    });
    const last = rows.filter((row) => row.last);
    if (!last.length) return;
    last.forEach((row, i) =>
      this.#x.copyWithin(i * hidden, rows.indexOf(row) * hidden, (rows.indexOf(row) + 1) * hidden),
    );
    this.kernels.rmsnorm(this.#normed, this.#x, norm, last.length, hidden, eps);
    this.#linear(this.#logits, this.#normed, embedding, last.length, hidden, vocabulary);
    last.forEach((row, i) => {
      logits[row.reading] = this.#logits.slice(i * vocabulary, (i + 1) * vocabulary);
    });
  }

  #attend(layer: number, weights: LayerWeights, rows: readonly Row[], from: number, watch: Watch): void {
    const { hidden, heads, kvHeads, headDim, eps } = this.config;
    const n = rows.length;
    this.kernels.rmsnorm(this.#normed, this.#x, weights.inputNorm, n, hidden, eps);
    this.#linear(this.#query, this.#normed, weights.query, n, hidden, heads * headDim);
    this.#linear(this.#key, this.#normed, weights.key, n, hidden, kvHeads * headDim);
    this.#linear(this.#value, this.#normed, weights.value, n, hidden, kvHeads * headDim);
    rows.forEach((row, r) => this.#store(layer, row, r));
    rows.forEach((row, r) => {
      watch.queries?.(layer, from + r, this.#query.subarray(r * heads * headDim, (r + 1) * heads * headDim));
      for (let kvHead = 0; kvHead < kvHeads; kvHead++) this.#attendHead(layer, kvHead, row, r, from, watch);
    });
    this.#linear(this.#normed, this.#mixed, weights.output, n, heads * headDim, hidden);
    for (let i = 0; i < n * hidden; i++) this.#x[i]! += this.#normed[i]!;
  }

  /** Turns the row's query and key to its position and writes key and value into its slot. */
  #store(layer: number, row: Row, r: number): void {
    const { heads, kvHeads, headDim } = this.config;
    const width = kvHeads * headDim;
    const key = this.#key.subarray(r * width, (r + 1) * width);
    this.#rope.rotate(this.#query.subarray(r * heads * headDim, (r + 1) * heads * headDim), heads, row.position);
    this.#rope.rotate(key, kvHeads, row.position);
    for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
      const { store } = row.cache;
      const head = layer * kvHeads + kvHead;
      store.keys(head).set(key.subarray(kvHead * headDim, (kvHead + 1) * headDim), row.slot * headDim);
      const at = r * width + kvHead * headDim;
      store.values(head).set(this.#value.subarray(at, at + headDim), row.slot * headDim);
    }
  }

  #attendHead(layer: number, kvHead: number, row: Row, r: number, from: number, watch: Watch): void {
    const { heads, kvHeads, headDim } = this.config;
    const { cache } = row;
    const head = layer * kvHeads + kvHead;
    const group = heads / kvHeads;
    // Later rows of the same lane are already in the list: this row sees all but those.
    const count = cache.count(head) - (cache.length - 1 - row.position);
    const at = (r * heads + kvHead * group) * headDim;
    this.kernels.attend(
      this.#mixed.subarray(at, at + group * headDim),
      this.#query.subarray(at, at + group * headDim),
      cache.store.keys(head),
      cache.store.values(head),
      cache.slots(head),
      count,
      group,
      headDim,
      this.#probs,
    );
    this.work += 2 * group * headDim * count;
    watch.attention?.(layer, kvHead, from + r, this.#probs, count);
  }

  #feed(weights: LayerWeights, n: number): void {
    const { hidden, inner, eps } = this.config;
    this.kernels.rmsnorm(this.#normed, this.#x, weights.postNorm, n, hidden, eps);
    this.#linear(this.#gate, this.#normed, weights.gate, n, hidden, inner);
    this.#linear(this.#up, this.#normed, weights.up, n, hidden, inner);
    this.kernels.swiglu(this.#gate, this.#gate, this.#up, n * inner);
    this.#linear(this.#normed, this.#gate, weights.down, n, inner, hidden);
    for (let i = 0; i < n * hidden; i++) this.#x[i]! += this.#normed[i]!;
  }

  #linear(y: Float32Array, x: Float32Array, w: Float32Array, n: number, inDim: number, outDim: number): void {
    this.kernels.linear(y, x, w, n, inDim, outDim);
    this.work += n * inDim * outDim;
  }
}
