import type { KVCache } from '../cache/kv-cache.ts';
import type { HeadShape } from '../quantization/types.ts';
import type { Settings } from '../settings.ts';
import { chunkCount, chunkSizes, chunkSums, fitting, protectedChunks, ranked, settle, type Chunks } from './chunks.ts';
import { MeanKeys } from './mean-keys.ts';
import { defineRetrieval, type Guess, type Retriever, type Sight } from './types.ts';

/** Layer whose attention stands in for a drafter's, counted from the bottom; tokens at the end whose attention is taken. Both are ours. */
const draft = { layer: 1, tail: 4 };

const settings = {
  chunk: { kind: 'number', default: 4, min: 1, max: 64, step: 1, about: 'Tokens of a chunk; 64 in KVFlash.' },
  every: {
    kind: 'number',
    default: 1,
    min: 1,
    max: 64,
    step: 1,
    about: 'Tokens read between two choices; 64 in KVFlash.',
  },
  window: { kind: 'number', default: 8, min: 0, max: 64, step: 1, about: 'Newest tokens whose chunks stay near.' },
  scorer: {
    kind: 'word',
    default: 'qk',
    choices: ['lru', 'qk', 'drafter', 'oracle'],
    about: 'What chooses: age, mean keys, the attention of an early layer, or knowledge of what comes.',
  },
} as const;

/**
 * The cache lies in two memories: some chunks near, where attention reads them, and the rest with the host, whole. Every few tokens chunks are scored
 * anew; those that lose go out, then those that win come in, bit for bit. Based on Luce KVFlash (Luce-Org/lucebox, optimizations/kvflash, DESIGN.md).
 *
 * As there: one list of chunks for all layers and heads; the first chunk and the newest tokens stay; `lru` keeps what is newest; `qk` compares the newest
 * query with mean keys. Ours: the sizes; `drafter` is the attention of an early layer of the same model, as there is no smaller one; `oracle` knows what
 * the full cache will look at. Tokens behind the prompt lie near in every lane, so that the budget bounds the prompt's.
 */
export const kvflash = defineRetrieval({
  name: 'kvflash',
  caption: { name: 'KVFlash', idea: 'chunks wait far off, and come back' },
  source: 'Luce-Org/lucebox, optimizations/kvflash',
  settings,
  detail: ({ scorer }) => scorer,
  make: (chosen) => new KVFlash(chosen, new MeanKeys()),
});

class KVFlash implements Retriever {
  readonly stride: number;
  readonly #settings: Settings<typeof settings>;
  readonly #means: MeanKeys;

  constructor(chosen: Settings<typeof settings>, means: MeanKeys) {
    this.#settings = chosen;
    this.#means = means;
    this.stride = chosen.every;
  }

  fork(): KVFlash {
    return new KVFlash(this.#settings, this.#means.fork());
  }

  bytes(): number {
    return 0;
  }

  /** Mean keys, 2 bytes a number. */
  hostBytes(count: number, { headDim }: HeadShape): number {
    const { scorer, chunk } = this.#settings;
    return scorer === 'qk' ? Math.floor(count / chunk) * headDim * 2 : 0;
  }

  arrange(cache: KVCache, sight: Sight): void {
    const { near, chunks } = this.guess(cache, sight);
    settle(cache, near, chunks);
  }

  guess(cache: KVCache, sight: Sight): Guess {
    const chunks = { size: this.#settings.chunk, prompt: sight.prompt };
    const scores = this.#score(cache, sight, chunks);
    const order = [...protectedChunks(cache.length, this.#settings.window, chunks), ...ranked(scores)];
    return { chunks, scores, near: fitting(order, chunkSizes(cache, chunks), sight.room) };
  }

  /** @returns [chunks], higher = stays near */
  #score(cache: KVCache, sight: Sight, chunks: Chunks): Float64Array {
    const age = () => Float64Array.from({ length: chunkCount(chunks) }, (_, chunk) => chunk);
    switch (this.#settings.scorer) {
      case 'lru':
        return age();
      case 'qk':
        this.#means.seal(cache, chunks);
        return this.#means.score(cache, chunks, (layer) => sight.query(layer, cache.length - 1));
      case 'drafter':
        return drafted(cache, sight, chunks);
      case 'oracle': {
        const ahead = sight.ahead(this.stride);
        return ahead ? chunkSums(ahead, chunks) : age();
      }
    }
  }
}

/** What the newest tokens look at in an early layer, averaged over each chunk. */
function drafted(cache: KVCache, sight: Sight, chunks: Chunks): Float64Array {
  const { kvHeads, layers } = cache.store.config;
  const layer = Math.min(draft.layer, layers - 1);
  const paid = new Float64Array(sight.prompt);
  for (let head = layer * kvHeads; head < (layer + 1) * kvHeads; head++) {
    const tokens = cache.tokens(head);
    for (let token = Math.max(0, cache.length - draft.tail); token < cache.length; token++) {
      sight.look(head, token).forEach((weight, entry) => {
        if (tokens[entry]! < sight.prompt) paid[tokens[entry]!]! += weight;
      });
    }
  }
  const sizes = chunkSizes(cache, chunks);
  return chunkSums(paid, chunks).map((sum, chunk) => sum / (sizes[chunk]! || 1));
}
