import { Encoder } from './cache/encode.ts';
import { LaneCache } from './cache/lane-cache.ts';
import type { Store } from './cache/store.ts';
import { uniform, type Budget } from './budget/uniform.ts';
import { select } from './eviction/select.ts';
import { policies } from './eviction/index.ts';
import type { Layer } from './eviction/types.ts';
import type { LaneSpec } from './lane-spec.ts';
import { maxPositions } from './model/model.ts';
import { codecs } from './quantization/index.ts';
import { seeded } from './random.ts';

/** A method at work on its own copy of the prompt's cache. Reused from one budget to the next: memory is taken once. */
export class Lane {
  readonly cache: LaneCache;
  encoder: Encoder | undefined;

  constructor(store: Store) {
    this.cache = new LaneCache(store, maxPositions);
  }

  settle(): void {
    this.encoder?.settle(this.cache);
  }

  fork(other: Lane): void {
    this.cache.fork(other.cache);
    this.encoder = other.encoder?.fork();
  }
}

/** Positions that stay, for each layer and KV head, ascending. */
export type Kept = readonly (readonly Int32Array[])[];

export interface Compressed {
  readonly budget: Budget;
  readonly kept: Kept;
  /** Indices of the prompt's blocks that came back to the pool. */
  readonly freed: readonly number[];
}

/** Scores of a lane's policy, remembered for as long as they hold: most do not depend on the budget. */
export type ScoreMemo = Map<string, Float64Array>;

/**
 * Chooses what each lane keeps of each layer; nothing is dropped yet. All lanes look at a layer before the next one is opened, as
 * its attention matrix is large.
 */
export function choose(
  specs: readonly LaneSpec[],
  layers: readonly Layer[],
  share: number,
  memo: ScoreMemo,
): { budget: Budget; kept: Kept }[] {
  const { seq, headDim } = layers[0]!;
  const budgets = specs.map((spec) => uniform(spec, share, seq, headDim));
  const kept = layers.map((layer) => specs.map((spec, i) => keptIn(spec, layer, budgets[i]!.kept, memo)));
  return budgets.map((budget, i) => ({ budget, kept: kept.map((lanes) => lanes[i]!) }));
}

function keptIn(spec: LaneSpec, layer: Layer, kept: number, memo: ScoreMemo): Int32Array[] {
  const { seq, kvHeads } = layer;
  if (kept === seq) return Array.from({ length: kvHeads }, () => Int32Array.from({ length: seq }, (_, i) => i));
  return select(scores(spec, layer, kept, memo), kvHeads, seq, kept);
}

function scores(
  { policy: { name, settings }, inverted }: LaneSpec,
  layer: Layer,
  kept: number,
  memo: ScoreMemo,
): Float64Array {
  const policy = policies[name]!;
  const fitting = policy.fit?.(settings, layer.seq, kept) ?? settings;
  const key = `${name} ${JSON.stringify(fitting)} ${inverted} ${layer.layer} ${policy.dependsOnBudget?.(fitting) ? kept : ''}`;
  const known = memo.get(key);
  if (known) return known;
  const scored = policy.score(layer, fitting, { kept, random: seeded(layer.layer) });
  const result = inverted ? scored.map((score) => -score) : scored;
  memo.set(key, result);
  return result;
}

/** Forks the prompt's cache into the lane, drops what is not kept, and writes the rest as the codec wants it. */
export function compress(lane: Lane, prompt: LaneCache, spec: LaneSpec, kept: Kept): number[] {
  const { cache } = lane;
  cache.fork(prompt);
  kept.forEach((heads, layer) =>
    heads.forEach((positions, kvHead) => cache.keep(layer * heads.length + kvHead, positions)),
  );
  const freed = cache.reclaim();
  lane.encoder = spec.codec && new Encoder(codecs[spec.codec.name]!, spec.codec.settings, cache.store.heads);
  lane.settle();
  return freed;
}
