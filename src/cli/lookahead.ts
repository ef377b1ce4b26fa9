/**
 * Fits the gates of `lookahead` on the shipped model's own traces, and writes src/engine/retrieval/lookahead-gates.ts:
 *
 *     node src/cli/lookahead.ts [--texts 24] [--seed 5000000]
 *
 * A trace is a text of 512 words with five questions and their answers, all read by the full cache. At each word behind the text, and for each chunk of
 * eight tokens, the features are the cosines of the query of each of the model's heads and the chunk's mean key, negative ones as 0; the label is whether
 * one of the next four words needs the chunk. The union over the coming words and three chunks that are not needed for each one that is are
 * FlashMemory's (arXiv 2606.09079, section 3). Ours: a chunk is needed where some head pays a quarter of its attention to it (there, layers vote with
 * their top-p sets; of our four layers, whose heads mostly rest, such votes name a third of the text); the first chunk always stays and has no vote;
 * and a logistic regression learns one gate for each head and a constant.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { integerOf, main } from './fail.ts';
import { loadEngine, modelId } from './load.ts';
import type { Engine } from '../engine/engine.ts';
import { Prefix } from '../engine/prefix.ts';
import { answered } from '../engine/measure/next-turn.ts';
import { seededPrompt, textOnly } from '../engine/prompt.ts';
import { integer, seeded, type Random } from '../engine/random.ts';
import { chunkCount, chunkSums, type Chunks } from '../engine/retrieval/chunks.ts';
import { MeanKeys } from '../engine/retrieval/mean-keys.ts';
import { lookOf } from '../engine/sight.ts';

const [size, steps, share, negatives] = [8, 4, 0.25, 3];

interface Sample {
  readonly x: Float64Array;
  readonly y: number;
}

/** Chunks that one word needs: those that some head cannot do without. */
function needed({ model }: Engine, { cache, queries }: Prefix, token: number, chunks: Chunks): number[] {
  const heads = Array.from({ length: model.store.heads }, (_, head) =>
    chunkSums(lookOf(model, cache, queries, head, token, token + 1), chunks),
  );
  return Array.from({ length: chunkCount(chunks) }, (_, chunk) => chunk).filter(
    (chunk) => chunk > 0 && heads.some((sums) => sums[chunk]! >= share),
  );
}

function traceOf(engine: Engine, seed: number, random: Random): Sample[] {
  const { model } = engine;
  const prompt = seededPrompt(model.vocabulary, seed, { length: 512, turns: 5 }, 0, 'later');
  const { tokens } = answered(engine, prompt);
  const end = tokens.length;
  const trace = new Prefix(model, textOnly(tokens));
  const chunks = { size, prompt: prompt.compressedAt };
  const means = new MeanKeys();
  means.seal(trace.cache, chunks);
  const golden = tokens.map((_, token) => (token < chunks.prompt ? [] : needed(engine, trace, token, chunks)));
  const samples: Sample[] = [];
  for (let token = chunks.prompt - 1; token + steps < end; token++) {
    const soon = new Set(golden.slice(token + 1, token + 1 + steps).flat());
    const features: Float64Array[] = [];
    const query = (layer: number) =>
      model.kernels.heap.floats(trace.queries.at(layer, token), model.config.heads * model.config.headDim).slice();
    means.weigh(trace.cache, chunks, query, (cosines) => features.push(cosines.map((x) => Math.max(0, x))));
    const others = [...features.keys()].filter((chunk) => !soon.has(chunk));
    for (const chunk of soon) {
      if (!features[chunk]) continue;
      samples.push({ x: features[chunk], y: 1 });
      for (let i = 0; i < negatives && others.length; i++) {
        samples.push({ x: features[others[integer(random, 0, others.length - 1)]!]!, y: 0 });
      }
    }
  }
  trace.release();
  if (chunkCount(chunks) < 2) throw new Error('A text of one chunk teaches nothing.');
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

await main('lookahead', () => {
  const { values } = parseArgs({
    options: { texts: { type: 'string', default: '24' }, seed: { type: 'string', default: '5000000' } },
  });
  const texts = integerOf('texts', values.texts, 2, 1000);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const engine = loadEngine();
  const random = seeded(seed);
  const traces = Array.from({ length: texts }, (_, i) => traceOf(engine, seed + i, random));
  const held = Math.floor(texts / 4);
  const [train, test] = [traces.slice(held).flat(), traces.slice(0, held).flat()];
  const w = fit(train);
  const hits = (y: number) => test.filter((one) => one.y === y && probability(one.x, w) >= 0.5 === (y === 1)).length;
  const count = (y: number) => test.filter((one) => one.y === y).length;
  const [found, refused] = [hits(1) / count(1), hits(0) / count(0)];
  console.log(JSON.stringify({ train: train.length, test: test.length, found, refused }));
  const print = (list: Float64Array) => [...list].map((x) => Math.round(x * 1e3) / 1e3).join(', ');
  writeFileSync(
    new URL('../engine/retrieval/lookahead-gates.ts', import.meta.url),
    `/**
 * Written by src/cli/lookahead.ts for the model ${modelId}: on texts held out it finds ${(100 * found).toFixed(0)} % of the chunks that are needed soon, and
 * refuses ${(100 * refused).toFixed(0)} % of the others. One gate for each query head, layer by layer, and the constant.
 */
export const gates: readonly number[] = [${print(w.subarray(0, -1))}];
export const constant = ${print(w.subarray(-1))};
`,
  );
});
