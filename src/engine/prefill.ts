import { LaneCache } from './cache/lane-cache.ts';
import type { Store } from './cache/store.ts';
import { maxPositions, type Model } from './model/model.ts';
import type { Prompt } from './prompt.ts';

/** The full cache of a prompt up to the moment of compression, from which every lane is forked. */
export interface Prefilled {
  readonly prompt: Prompt;
  readonly cache: LaneCache;
  /** [layers][heads, compressedAt, headDim], after RoPE, in the kernels' memory: what policies look at. */
  readonly queries: readonly Float32Array[];
  /** Multiply-accumulates of reading the prompt. */
  readonly work: number;
}

/** Reads prompts one after the other into the same memory. */
export class Prefiller {
  readonly #model: Model;
  readonly #cache: LaneCache;
  readonly #queries: readonly Float32Array[];
  #latest: Prefilled | undefined;

  constructor(model: Model, store: Store) {
    this.#model = model;
    this.#cache = new LaneCache(store, maxPositions);
    const { layers, heads, headDim } = model.config;
    this.#queries = Array.from({ length: layers }, () => model.kernels.floats(heads * maxPositions * headDim));
  }

  /** What an earlier call returned is overwritten. */
  read(prompt: Prompt): Prefilled {
    const { heads, headDim } = this.#model.config;
    const length = prompt.compressedAt;
    this.#cache.clear();
    const before = this.#model.work;
    this.#model.read([{ cache: this.#cache, tokens: prompt.tokens.slice(0, length) }], {
      queries: (layer, row, queries) => {
        for (let head = 0; head < heads; head++) {
          this.#queries[layer]!.set(
            queries.subarray(head * headDim, (head + 1) * headDim),
            (head * length + row) * headDim,
          );
        }
      },
    });
    const queries = this.#queries.map((all) => all.subarray(0, heads * length * headDim));
    return (this.#latest = { prompt, cache: this.#cache, queries, work: this.#model.work - before });
  }

  /** Whether nothing was read since. */
  holds(prefilled: Prefilled): boolean {
    return prefilled === this.#latest;
  }
}
