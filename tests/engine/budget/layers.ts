/** Layers of which a budget sees the sizes, and its choice from scores that are written out. */
import type { BudgetMember, Kept } from '../../../src/engine/budget/types.ts';
import type { LayerView, Scorer } from '../../../src/engine/eviction/types.ts';
import { defaults, type SettingValues } from '../../../src/engine/settings.ts';
import { layerOf } from '../eviction/layers.ts';

/** Layers with so many tokens in each of `heads` heads. */
export const layersOf = (layers: number, seq: number, heads = 1): LayerView[] =>
  Array.from({ length: layers }, (_, layer) =>
    layerOf(
      { keys: Array.from({ length: heads }, () => Array.from({ length: seq }, () => [0])) },
      { layer: String(layer), layers: String(layers) },
    ),
  );

/** A rule with a window, whose scores nobody asks for. */
export const scorer = (window?: number): Scorer => ({
  ...(window === undefined ? {} : { window }),
  score: () => {
    throw new Error('These scores are given.');
  },
});

const nobody: readonly LayerView[] = [];

/** @param scores [layers][heads][count] @param budgets entries a head, in each layer */
export const selectFrom = (
  budget: BudgetMember,
  scores: readonly (readonly (readonly number[])[])[],
  budgets: readonly number[],
  changes: SettingValues = {},
): number[][][] => {
  const selector = budget.make({ ...defaults(budget.settings), ...changes }, scorer());
  const rows = scores.map((heads) => heads.map((row) => Float64Array.from(row)));
  return listed(selector.select(rows, budgets, nobody));
};

export const listed = (kept: Kept): number[][][] => kept.map((heads) => heads.map((entries) => [...entries]));
