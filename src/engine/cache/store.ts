import type { Kernels } from '../kernels/types.ts';
import type { Config } from '../model/config.ts';
import { BlockPool, blockSize } from '../paging/pool.ts';

/**
 * The physical KV memory: rows of keys and values for every slot of every block, kept per layer and KV head so that the
 * attention kernel can walk one head's rows. All lanes live in one store; what a lane holds is a list of its slots.
 */
export class Store {
  readonly config: Config;
  readonly kernels: Kernels;
  readonly pool: BlockPool;
  readonly #keys: Float32Array[]; // [layers * kvHeads] of [slots, headDim]
  readonly #values: Float32Array[];

  constructor(config: Config, kernels: Kernels, blocks: number) {
    this.config = config;
    this.kernels = kernels;
    this.pool = new BlockPool(blocks);
    const rows = () =>
      Array.from({ length: config.layers * config.kvHeads }, () => kernels.floats(blocks * blockSize * config.headDim));
    this.#keys = rows();
    this.#values = rows();
  }

  /** Heads are numbered layer * kvHeads + kvHead throughout the cache. */
  get heads(): number {
    return this.#keys.length;
  }

  /** [slots, headDim] of one head. */
  keys(head: number): Float32Array {
    return this.#keys[head]!;
  }
  values(head: number): Float32Array {
    return this.#values[head]!;
  }
}
