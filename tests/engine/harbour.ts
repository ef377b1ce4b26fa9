/** The shipped model, for tests of what runs on it. A test file that uses it loads its own. */
import { KVCache } from '../../src/engine/cache/kv-cache.ts';
import { loadEngine, modelFile } from '../../src/cli/load.ts';
import { mostLanes, type Engine, type LaneRun, type Prepared } from '../../src/engine/engine.ts';
import { kernels as fastest } from '../../src/engine/kernels/index.ts';
import { plain } from '../../src/engine/kernels/plain.ts';
import type { Kernels } from '../../src/engine/kernels/types.ts';
import { parseLane, type LaneSpec } from '../../src/engine/lane-spec.ts';
import { readConfig } from '../../src/engine/model/config.ts';
import { Model } from '../../src/engine/model/model.ts';
import { Vocabulary } from '../../src/engine/model/tokenizer.ts';
import { seededPrompt, type Prompt, type SeededOptions, type When } from '../../src/engine/prompt.ts';

export const file = modelFile();
export const config = readConfig(file.id, file.config);
export const vocabulary = Vocabulary.read(file.id, file.tokenizer);

export const implementations = { simd: fastest, plain } satisfies Record<string, () => Kernels>;
export type Implementation = keyof typeof implementations;

/** The model alone, with `lanes` empty caches. */
export function modelOf(name: Implementation, lanes: number): { model: Model; caches: KVCache[] } {
  const model = new Model(file, implementations[name]());
  return { model, caches: Array.from({ length: lanes }, () => new KVCache(model.store)) };
}

export const engineOf = (name: Implementation = 'simd'): Engine => loadEngine(implementations[name]());

/** A generated text of 128 tokens, small enough to run often. */
export const shortPrompt = (seed: number, when: When = 'later', options: Partial<SeededOptions> = {}): Prompt =>
  seededPrompt(vocabulary, seed, { length: 128, ...options }, 0, when);

export const specsOf = (...lanes: string[]): LaneSpec[] =>
  lanes.map((lane) => {
    const { spec, problems } = parseLane(lane);
    if (problems.length) throw new Error(problems.join(' '));
    return spec;
  });

/** Any number of lanes, as many at a time as a comparison may have. */
export const compare = (engine: Engine, prepared: Prepared, lanes: readonly string[], keep: number): LaneRun[] =>
  Array.from({ length: Math.max(1, Math.ceil(lanes.length / mostLanes)) }, (_, i) =>
    engine.compare(prepared, specsOf(...lanes.slice(i * mostLanes, (i + 1) * mostLanes)), keep),
  ).flat();

export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) throw new Error(`${a.length} numbers cannot be compared with ${b.length}.`);
  let largest = 0;
  // NaN is larger than any number: Math.max would let it through as NaN, which no comparison catches.
  for (let i = 0; i < a.length; i++)
    largest = Math.max(largest, Number.isNaN(a[i]! - b[i]!) ? Infinity : Math.abs(a[i]! - b[i]!));
  return largest;
};
