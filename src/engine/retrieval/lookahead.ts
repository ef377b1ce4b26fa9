import type { KVCache } from '../cache/kv-cache.ts';
import type { Config } from '../model/config.ts';
import type { HeadShape } from '../quantization/types.ts';
import { chunkSizes, fitting, protectedChunks, ranked, settle } from './chunks.ts';
import { fitGates, size } from './lookahead-fit.ts';
import { MeanKeys } from './mean-keys.ts';
import { defineRetrieval, type Guess, type Retriever, type Sight } from './types.ts';

/** Newest tokens that stay near. */
const window = 8;

/**
 * Guesses which chunks the *next* tokens will need, and has those near and no others: a threshold and not a number, so that little is near while little is
 * needed. Based on Lookahead Sparse Attention in FlashMemory-DeepSeek-V4 (arXiv 2606.09079, eq. 4, 5 and 13): I = sigmoid(sum of gates * ReLU(q . k)).
 *
 * Ours: the queries are the model's own and k are mean keys, both made one long, so that only one gate for each query head is learned, offline, from the
 * model's own traces (lookahead-fit.ts); all layers have a say, not three; and the reader's budget is a limit above the threshold.
 */
export const lookahead = defineRetrieval({
  name: 'lookahead',
  caption: { name: 'Lookahead', idea: 'a learned guess of what comes next is near' },
  source: 'arXiv 2606.09079',
  settings: {
    every: {
      kind: 'number',
      default: 1,
      min: 1,
      max: 64,
      step: 1,
      about: 'Tokens read between two guesses; 64 there.',
    },
    threshold: {
      kind: 'number',
      default: 0.25,
      min: 0,
      max: 1,
      step: 0.05,
      about: 'Probability from which a chunk is near.',
    },
  },
  detail: ({ threshold }) => `from ${threshold}`,
  entry: 'flashmemory',
  learns: { name: 'lookahead_gates', from: fitGates },
  make: ({ every, threshold }) => new Lookahead(every, threshold, new MeanKeys()),
});

type Shape = Pick<Config, 'heads' | 'kvHeads'>;

class Lookahead implements Retriever {
  readonly stride: number;
  readonly #threshold: number;
  readonly #means: MeanKeys;

  constructor(every: number, threshold: number, means: MeanKeys) {
    this.stride = every;
    this.#threshold = threshold;
    this.#means = means;
  }

  fork(): Lookahead {
    return new Lookahead(this.stride, this.#threshold, this.#means.fork());
  }

  bytes(): number {
    return 0;
  }

  /** Mean keys, 2 bytes a number. */
  hostBytes(count: number, { headDim }: HeadShape): number {
    return Math.floor(count / size) * headDim * 2;
  }

  arrange(cache: KVCache, sight: Sight): void {
    const { near, chunks } = this.guess(cache, sight);
    settle(cache, near, chunks);
  }

  guess(cache: KVCache, sight: Sight): Guess {
    const chunks = { size, prompt: sight.prompt };
    this.#means.seal(cache, chunks);
    const gates = Array.from({ length: cache.store.config.layers }, (_, layer) =>
      sight.learned('lookahead_gates', layer),
    );
    const scores = this.#means.weigh(
      cache,
      chunks,
      (layer) => sight.query(layer, cache.length - 1),
      (cosines) => likelihood(cosines, gates, cache.store.config),
    );
    const likely = ranked(scores).filter((chunk) => scores[chunk]! >= this.#threshold);
    const order = [...protectedChunks(cache.length, window, chunks), ...likely];
    return { chunks, scores, near: fitting(order, chunkSizes(cache, chunks), sight.room) };
  }
}

/**
 * How likely it is that a chunk is needed soon.
 * @param cosines [layers * heads] @param gates for each layer [kvHeads, group + 1], as fitGates gives them
 */
function likelihood(cosines: Float64Array, gates: readonly Float32Array[], { heads, kvHeads }: Shape): number {
  const group = heads / kvHeads;
  let sum = 0;
  gates.forEach((rows, layer) => {
    for (let at = 0; at < rows.length; at++) {
      const [kvHead, g] = [Math.floor(at / (group + 1)), at % (group + 1)];
      sum += rows[at]! * (g < group ? Math.max(0, cosines[layer * heads + kvHead * group + g]!) : 1);
    }
  });
  return 1 / (1 + Math.exp(-sum));
}
