import type { Address, Heap } from '../kernels/heap.ts';
import type { Config } from './config.ts';

/**
 * The queries of tokens that were read, after RoPE, by token: what scoring rules look at. A log may go on from another one, whose first tokens are its
 * own too.
 */
export class QueryLog {
  readonly #heap: Heap;
  readonly #layers: number;
  readonly #width: number;
  readonly #before: QueryLog | undefined;
  readonly #from: number;
  #capacity = 0;
  #start: Address = 0; // [layers, capacity, heads * headDim]

  /** @param before the log of tokens [0, from) */
  constructor({ layers, heads, headDim }: Config, heap: Heap, before?: QueryLog, from = 0) {
    this.#heap = heap;
    this.#layers = layers;
    this.#width = heads * headDim;
    this.#before = before;
    this.#from = from;
  }

  /** Where the queries [heads, headDim] of a token are. */
  at(layer: number, token: number): Address {
    if (token < this.#from) return this.#before!.at(layer, token);
    return this.#start + (layer * this.#capacity + token - this.#from) * this.#width;
  }

  /** Makes room for tokens up to `tokens`; call it before a pass, as the heap may grow. */
  reserve(tokens: number): void {
    const wanted = tokens - this.#from;
    if (wanted <= this.#capacity) return;
    const capacity = Math.max(32, 2 ** Math.ceil(Math.log2(wanted)));
    const start = this.#heap.take(this.#layers * capacity * this.#width);
    for (let layer = 0; layer < this.#layers; layer++) {
      const old = this.#start + layer * this.#capacity * this.#width;
      this.#heap.f32.copyWithin(start + layer * capacity * this.#width, old, old + this.#capacity * this.#width);
    }
    this.release();
    this.#capacity = capacity;
    this.#start = start;
  }

  write(layer: number, token: number, from: Address): void {
    this.#heap.f32.copyWithin(this.at(layer, token), from, from + this.#width);
  }

  /** Copies the queries of tokens [from, to) from another log. */
  copy(other: QueryLog, from: number, to: number): void {
    this.reserve(to);
    for (let layer = 0; layer < this.#layers; layer++) {
      for (let token = from; token < to; token++) this.write(layer, token, other.at(layer, token));
    }
  }

  release(): void {
    if (this.#capacity) this.#heap.give(this.#start, this.#layers * this.#capacity * this.#width);
    this.#capacity = 0;
  }
}
