import { integer, seeded, type Random } from '../random.ts';
import { chunkCount, chunkSums, type Chunks } from './chunks.ts';
import { MeanKeys } from './mean-keys.ts';
import type { Trace } from './types.ts';

/** Tokens of a chunk; coming tokens that are guessed at; attention of a head that needs a chunk; chunks that are not needed for each one that is. */
export const size = 8;
const [steps, share, negatives] = [4, 0.25, 3];

/** Draws the chunks that stand for those that were not needed. */
export const seed = 5_000_000;

/** Cosines of one token's queries and one chunk's mean keys, negative ones as 0 [layers * heads], and whether the chunk was needed soon. */
export interface Sample {
  readonly x: Float64Array;
  readonly y: number;
}

/**
 * The gates of `lookahead`, fitted on a model's own traces. At each token behind the text, and for each chunk, the label is whether one of the next four
 * tokens needs the chunk. The union over the coming tokens and three chunks that are not needed for each one that is are FlashMemory's (arXiv 2606.09079,
 * section 3). Ours: a chunk is needed where some head pays a quarter of its attention to it (there, layers vote with their top-p sets; of our few layers,
 * whose heads mostly rest, such votes name a third of the text); the first chunk always stays and has no vote; and a logistic regression learns one gate
 * for each query head and a constant. The first quarter of the traces is held out, to judge by. Gates are rounded, so that the last bits of some machine do
 * not matter.
 * @returns for each layer and KV head [group + 1]: a gate for each query head, and the KV head's part of the constant
 */
export function fitGates(traces: readonly Trace[]): Float32Array[][] {
  const { layers, heads, kvHeads } = traces[0]!.cache.store.config;
  const random = seeded(seed);
  const samples = traces.map((trace) => samplesOf(trace, random));
  const weights = fit(samples.slice(Math.floor(traces.length / 4)).flat()).map((x) => Math.round(x * 1e3) / 1e3);
  const group = heads / kvHeads;
  const constant = weights[layers * heads]! / (layers * kvHeads);
  return Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: kvHeads }, (_, kvHead) => {
      const from = layer * heads + kvHead * group;
      return Float32Array.of(...weights.subarray(from, from + group), constant);
    }),
  );
}

/** Chunks that one token needs: those that some head cannot do without. */
function needed({ cache, sight }: Trace, token: number, chunks: Chunks): number[] {
  const heads = Array.from({ length: cache.store.heads }, (_, head) => chunkSums(sight.look(head, token), chunks));
  return Array.from({ length: chunkCount(chunks) }, (_, chunk) => chunk).filter(
    (chunk) => chunk > 0 && heads.some((sums) => sums[chunk]! >= share),
  );
}

export function samplesOf(trace: Trace, random: Random): Sample[] {
  const { cache, sight } = trace;
  const chunks = { size, prompt: sight.prompt };
  const means = new MeanKeys();
  means.seal(cache, chunks);
  const golden = Array.from({ length: cache.length }, (_, token) =>
    token < chunks.prompt ? [] : needed(trace, token, chunks),
  );
  const samples: Sample[] = [];
  for (let token = chunks.prompt - 1; token + steps < cache.length; token++) {
    const soon = new Set(golden.slice(token + 1, token + 1 + steps).flat());
    const features: Float64Array[] = [];
    means.weigh(
      cache,
      chunks,
      (layer) => sight.query(layer, token),
      (cosines) => features.push(cosines.map((x) => Math.max(0, x))),
    );
    const others = [...features.keys()].filter((chunk) => !soon.has(chunk));
    for (const chunk of soon) {
      if (!features[chunk]) continue;
      samples.push({ x: features[chunk], y: 1 });
      for (let i = 0; i < negatives && others.length; i++) {
        samples.push({ x: features[others[integer(random, 0, others.length - 1)]!]!, y: 0 });
      }
    }
  }
  return samples;
}

/** Logistic regression with a small penalty, by gradient descent. @returns gates and, last, the constant */
function fit(samples: readonly Sample[], penalty = 1e-4, rounds = 1500): Float64Array {
  const width = samples[0]!.x.length;
  const w = new Float64Array(width + 1);
  const speed = new Float64Array(width + 1);
  for (let round = 0; round < rounds; round++) {
    const slope = new Float64Array(width + 1);
    for (const { x, y } of samples) {
      const error = probability(x, w) - y;
      for (let i = 0; i < width; i++) slope[i]! += error * x[i]!;
      slope[width]! += error;
    }
    for (let i = 0; i <= width; i++) {
      speed[i] = 0.9 * speed[i]! - 0.5 * (slope[i]! / samples.length + (i < width ? penalty * w[i]! : 0));
      w[i]! += speed[i]!;
    }
  }
  return w;
}

function probability(x: Float64Array, w: Float64Array): number {
  let sum = w[x.length]!;
  for (let i = 0; i < x.length; i++) sum += w[i]! * x[i]!;
  return 1 / (1 + Math.exp(-sum));
}
