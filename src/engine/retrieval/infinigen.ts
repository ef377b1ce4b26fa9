import type { KVCache } from '../cache/kv-cache.ts';
import { newerThan } from '../eviction/newer-than.ts';
import { alongDirections, directionsOf } from '../quantization/directions.ts';
import type { Matrix } from '../quantization/rotation.ts';
import type { HeadShape } from '../quantization/types.ts';
import type { Settings } from '../settings.ts';
import { settleNewest } from './chunks.ts';
import { defineRetrieval, type Retriever, type Sight } from './types.ts';

const settings = {
  channels: {
    kind: 'number',
    default: 8,
    min: 1,
    max: 64,
    step: 1,
    about: 'Directions of a head that the guess looks along, of its 32; a tenth to a fifth of them in InfiniGen.',
  },
  alpha: {
    kind: 'number',
    default: 8,
    min: 0,
    max: 20,
    step: 0.5,
    about: 'A token is wanted whose guessed score is less than this below the largest; 5 for Llama in InfiniGen.',
  },
} as const;

/** What a KV head is searched by: directions of its queries, and each token of the prompt along them [prompt][channels]. */
interface Slice {
  readonly directions: Matrix;
  readonly keys: Float32Array;
}

/**
 * The cache lies with the host, and each layer's part is guessed one layer early: the input of the layer before gives nearly the layer's queries, and a
 * few directions of queries and keys tell which tokens will score high. Based on "InfiniGen: Efficient Generative Inference of Large Language Models with
 * Dynamic KV Cache Management" (arXiv 2406.19707); snu-comparch/InfiniGen, accuracy/src/modeling_llama_ours.py.
 *
 *     s[h, j] = max over the group of (B q~) . (B k_j) / sqrt(headDim)        q~: W_Q of this layer times the normed input of the one before, after RoPE
 *     n = mean over heads of #{j : s[h, j] > max s[h] - alpha}                each head has its n best near, and no others
 *
 * As there: B is the first right singular vectors of queries after RoPE (the skewing); all heads of a layer fetch as many. Ours: B is fitted on this
 * prompt's queries, for each KV head, where it is fitted beforehand, for each query head; query heads that share a KV head fetch what any of them wants;
 * the budget bounds n, where InfiniGen has a fifth of the text; the first two layers fetch by their own queries, where they read everything; the
 * question is guessed for too. The slices of keys lie near, within the budget; without room for them the newest tokens are all that is near.
 */
export const infinigen = defineRetrieval({
  name: 'infinigen',
  caption: { name: 'InfiniGen', idea: 'the layer before guesses what a layer will want' },
  source: 'arXiv 2406.19707; snu-comparch/InfiniGen',
  settings,
  detail: ({ channels }) => `${channels} channels`,
  make: (chosen) => new InfiniGen(chosen),
});

class InfiniGen implements Retriever {
  readonly stride = 1;
  readonly #settings: Settings<typeof settings>;
  /** Of each head, once the prompt was read; none where there is no room for them. */
  #slices: readonly Slice[] | undefined;
  #blind = false;
  #prompt = Infinity;
  /** Entries of the prompt that a head may have near. */
  #room = 0;

  constructor(chosen: Settings<typeof settings>) {
    this.#settings = chosen;
  }

  fork(): InfiniGen {
    const copy = new InfiniGen(this.#settings);
    copy.#slices = this.#slices;
    copy.#blind = this.#blind;
    copy.#prompt = this.#prompt;
    copy.#room = this.#room;
    return copy;
  }

  /** Slices of the prompt's keys and the directions, 2 bytes a number. */
  bytes(count: number, { headDim }: HeadShape): number {
    return this.#blind ? 0 : 2 * Math.min(this.#settings.channels, headDim) * (Math.min(count, this.#prompt) + headDim);
  }

  arrange(cache: KVCache, sight: Sight): void {
    if (this.#slices) return;
    this.#prompt = sight.prompt;
    this.#room = Math.floor(sight.room / cache.store.heads);
    this.#blind ||= !this.#room;
    if (this.#blind) {
      settleNewest(cache, sight);
      return;
    }
    this.#slices = Array.from({ length: cache.store.heads }, (_, head) =>
      sliceOf(cache, sight, head, this.#settings.channels),
    );
    settleNewest(cache, { room: 0, prompt: sight.prompt });
  }

  rehearse(layer: number, queries: Float32Array, cache: KVCache): void {
    if (!this.#slices) return;
    const { kvHeads } = cache.store.config;
    const width = queries.length / kvHeads;
    const guesses = Array.from({ length: kvHeads }, (_, kvHead) =>
      this.#guess(cache, layer * kvHeads + kvHead, queries.subarray(kvHead * width, (kvHead + 1) * width)),
    );
    const wanted = guesses.map((scores) => {
      const least = Math.max(...scores) - this.#settings.alpha;
      return scores.filter((score) => score > least).length;
    });
    const mean = wanted.reduce((sum, count) => sum + count, 0) / kvHeads;
    const fetched = guesses.map((scores) => new Set(bestOf(scores, Math.min(this.#room, Math.trunc(mean)))));
    const those = (near: boolean) =>
      guesses.map((scores, kvHead) => Int32Array.from(scores.keys()).filter((at) => fetched[kvHead]!.has(at) === near));
    cache.move(layer, 'host', those(false));
    cache.move(layer, 'device', those(true));
  }

  /** @param queries [group, headDim] @returns for each of the head's entries of the prompt what it is guessed to score */
  #guess(cache: KVCache, head: number, queries: Float32Array): Float64Array {
    const { directions, keys } = this.#slices![head]!;
    const along = alongDirections(directions, queries);
    const { rows: channels, columns: headDim } = directions;
    const tokens = cache.tokens(head);
    return Float64Array.from({ length: tokens.length - newerThan(tokens, this.#prompt) }, (_, entry) => {
      let best = -Infinity;
      for (let from = 0; from < along.length; from += channels) {
        let dot = 0;
        for (let c = 0; c < channels; c++) dot += along[from + c]! * keys[tokens[entry]! * channels + c]!;
        best = Math.max(best, dot / Math.sqrt(headDim));
      }
      return best;
    });
  }
}

/** The entries with the highest scores; of equal ones the newer. */
const bestOf = (scores: Float64Array, count: number) =>
  [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || b - a).slice(0, count);

function sliceOf(cache: KVCache, sight: Sight, head: number, channels: number): Slice {
  const { heads, kvHeads, headDim } = cache.store.config;
  const [layer, kvHead, width] = [Math.floor(head / kvHeads), head % kvHeads, (heads / kvHeads) * headDim];
  const queries = new Float32Array(sight.prompt * width);
  for (let token = 0; token < sight.prompt; token++) {
    queries.set(sight.query(layer, token).subarray(kvHead * width, (kvHead + 1) * width), token * width);
  }
  const directions = directionsOf(queries, headDim, Math.min(channels, headDim));
  const keys = new Float32Array(sight.prompt * directions.rows);
  cache.tokens(head).forEach((token, entry) => {
    if (token >= sight.prompt) return;
    keys.set(alongDirections(directions, cache.store.key(cache.row(head, entry))), token * directions.rows);
  });
  return { directions, keys };
}
