/** The shipped model, for tests of what runs on it. A test file that uses it loads its own. */
import { LaneCache } from '../../src/engine/cache/lane-cache.ts';
import { Store } from '../../src/engine/cache/store.ts';
import { loadEngine, modelId, readModelFile } from '../../src/cli/load.ts';
import type { Engine, LaneRun, Prepared } from '../../src/engine/engine.ts';
import { kernels as fastest } from '../../src/engine/kernels/index.ts';
import { plain } from '../../src/engine/kernels/plain.ts';
import type { Kernels } from '../../src/engine/kernels/types.ts';
import { parseLane, type LaneSpec } from '../../src/engine/lane-spec.ts';
import { readConfig } from '../../src/engine/model/config.ts';
import { maxPositions, Model } from '../../src/engine/model/model.ts';
import { seededPrompt, type Prompt, type When } from '../../src/engine/prompt.ts';
import type { TextOptions } from '../../src/engine/world/text.ts';

export const weights = readModelFile('model.safetensors');
export const json = JSON.parse(readModelFile('config.json').toString()) as Record<string, unknown>;
export const config = readConfig(modelId, json);

export const implementations = { simd: fastest, plain } satisfies Record<string, (bytes: number) => Kernels>;
export type Implementation = keyof typeof implementations;

const megabyte = 2 ** 20;

/** The model alone, with `lanes` empty caches in a store of 600 blocks: enough for eight lanes of the longest text. */
export function modelOf(name: Implementation, lanes: number): { model: Model; store: Store; caches: LaneCache[] } {
  const kernels = implementations[name](96 * megabyte);
  const store = new Store(config, kernels, 600);
  return {
    model: new Model(config, weights, kernels),
    store,
    caches: Array.from({ length: lanes }, () => new LaneCache(store, maxPositions)),
  };
}

export const engineOf = (name: Implementation = 'simd'): Engine => loadEngine(implementations[name]);

/** A generated text of 128 tokens, small enough to run often. */
export const shortPrompt = (seed: number, when: When = 'later', options: Partial<TextOptions> = {}): Prompt =>
  seededPrompt(seed, { length: 128, ...options }, 0, when);

export const specsOf = (...lanes: string[]): LaneSpec[] =>
  lanes.map((lane) => {
    const { spec, problems } = parseLane(lane);
    if (problems.length) throw new Error(problems.join(' '));
    return spec;
  });

export const compare = (engine: Engine, prepared: Prepared, lanes: readonly string[], keep: number): LaneRun[] =>
  engine.compare(prepared, specsOf(...lanes), keep);

export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) throw new Error(`${a.length} numbers cannot be compared with ${b.length}.`);
  let largest = 0;
  // NaN is larger than any number: Math.max would let it through as NaN, which no comparison catches.
  for (let i = 0; i < a.length; i++)
    largest = Math.max(largest, Number.isNaN(a[i]! - b[i]!) ? Infinity : Math.abs(a[i]! - b[i]!));
  return largest;
};
