import type { Address, Heap } from '../kernels/heap.ts';
import type { Config } from '../model/config.ts';
import type { Rope } from '../model/rope.ts';
import { BlockPool, blockSize } from '../paging/pool.ts';

/** Blocks that the memory grows by. */
const slabBlocks = 16;

/** Rows between the key and the value of one slot: the keys of a block and head come first, then their values. */
const valueRows = blockSize;

/**
 * The physical KV memory of one model: blocks of 16 slots, each slot with a key and a value in every layer and KV head. It grows by slabs as
 * blocks are asked for. A row is headDim numbers, and row numbers count from the start of the heap, so that the attention kernel finds any block
 * anywhere:
 *
 *     row of slot s of block b in head h = first row of b + h * 32 + s        its value: 16 rows further
 */
export class Store {
  readonly config: Config;
  readonly heap: Heap;
  readonly rope: Rope;
  readonly pool = new BlockPool();
  /** Layers times KV heads; heads are numbered layer * kvHeads + kvHead throughout the cache. */
  readonly heads: number;
  /** What `attend` takes for the values, when it takes 0 for the keys. */
  readonly values: Address;
  /** First row of each block. */
  readonly #base: number[] = [];

  constructor(config: Config, heap: Heap, rope: Rope) {
    this.config = config;
    this.heap = heap;
    this.rope = rope;
    this.heads = config.layers * config.kvHeads;
    this.values = valueRows * config.headDim;
  }

  /** A block that nobody else holds. @throws Error when there is no memory left */
  allocate(): number {
    if (!this.pool.free) this.#grow();
    return this.pool.allocate();
  }

  /** The row of a block's first slot in a head. */
  row(block: number, head: number): number {
    return this.#base[block]! + head * 2 * blockSize;
  }

  /** Copies what a block holds, in every head. */
  copyBlock(from: number, to: number): void {
    const words = this.#blockWords;
    const { headDim } = this.config;
    const start = this.#base[from]! * headDim;
    this.heap.f32.copyWithin(this.#base[to]! * headDim, start, start + words);
  }

  /** The key of a row, until the heap grows. [headDim] */
  key(row: number): Float32Array {
    const { headDim } = this.config;
    return this.heap.floats(row * headDim, headDim);
  }

  value(row: number): Float32Array {
    return this.key(row + valueRows);
  }

  get #blockWords(): number {
    return this.heads * 2 * blockSize * this.config.headDim;
  }

  #grow(): void {
    const { headDim } = this.config;
    const start = this.heap.take(slabBlocks * this.#blockWords, headDim);
    const first = this.pool.grow(slabBlocks);
    for (let i = 0; i < slabBlocks; i++) this.#base[first + i] = (start + i * this.#blockWords) / headDim;
  }
}
