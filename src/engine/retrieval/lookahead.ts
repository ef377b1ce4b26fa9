import type { KVCache } from '../cache/kv-cache.ts';
import type { HeadShape } from '../quantization/types.ts';
import { chunkSizes, fitting, protectedChunks, ranked, settle } from './chunks.ts';
import { constant, gates } from './lookahead-gates.ts';
import { MeanKeys } from './mean-keys.ts';
import { defineRetrieval, type Retriever, type Sight } from './types.ts';

/** Tokens of a chunk, as the gates were fitted; and newest tokens that stay near. */
const [size, window] = [8, 8];

/**
 * Guesses which chunks the *next* tokens will need, and has those near and no others: a threshold and not a number, so that little is near while little is
 * needed. Based on Lookahead Sparse Attention in FlashMemory-DeepSeek-V4 (arXiv 2606.09079, eq. 4, 5 and 13): I = sigmoid(sum of gates * ReLU(q . k)).
 *
 * Ours: the queries are the model's own and k are mean keys, both made one long, so that only one gate for each query head is learned, offline, from the
 * model's own traces (src/cli/lookahead.ts); all layers have a say, not three; and the reader's budget is a limit above the threshold.
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
  make: ({ every, threshold }) => new Lookahead(every, threshold, new MeanKeys()),
});

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
    const chunks = { size, prompt: sight.prompt };
    this.#means.seal(cache, chunks);
    const scores = this.#means.weigh(cache, chunks, (layer) => sight.query(layer, cache.length - 1), guess);
    const likely = ranked(scores).filter((chunk) => scores[chunk]! >= this.#threshold);
    const order = [...protectedChunks(cache.length, window, chunks), ...likely];
    settle(cache, fitting(order, chunkSizes(cache, chunks), sight.room), chunks);
  }
}

/** How likely it is that a chunk is needed soon. Another model's heads were never asked: each has the gate of the head that stands in its place. */
function guess(cosines: Float64Array): number {
  let sum = constant;
  for (let at = 0; at < cosines.length; at++) sum += gates[at % gates.length]! * Math.max(0, cosines[at]!);
  return 1 / (1 + Math.exp(-sum));
}
