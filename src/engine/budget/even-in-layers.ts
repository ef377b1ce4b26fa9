import { best } from '../eviction/select.ts';
import type { Kept, Scores } from './types.ts';

/** Every head of a layer keeps its best entries, as many as the others: trunc(budget), or all that it has. */
export const evenInLayers = (scores: Scores, budgets: readonly number[]): Kept =>
  scores.map((heads, layer) => heads.map((row) => best(row, Math.min(row.length, Math.trunc(budgets[layer]!)))));
