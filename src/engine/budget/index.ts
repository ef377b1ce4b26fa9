import { adakv } from './adakv.ts';
import { block } from './block.ts';
import { byEntropy } from './by-entropy.ts';
import { byLayer } from './by-layer.ts';
import { cake } from './cake.ts';
import { chunk } from './chunk.ts';
import { chunkkv } from './chunkkv.ts';
import { composite } from './composite.ts';
import { criticalAdakv } from './critical-adakv.ts';
import { layerErrors } from './layer-errors.ts';
import { oneSet } from './one-set.ts';
import { pool } from './pool.ts';
import { pyramid } from './pyramid.ts';
import { stages } from './stages.ts';
import { threshold } from './threshold.ts';
import type { BudgetMember } from './types.ts';
import { uniform } from './uniform.ts';
import { wholeHeads } from './whole-heads.ts';

/** Every budget, in alphabetical order: the table of contents of this folder. Add a budget here. */
export const budgets: readonly BudgetMember[] = [
  adakv,
  block,
  byEntropy,
  byLayer,
  cake,
  chunk,
  chunkkv,
  composite,
  criticalAdakv,
  layerErrors,
  oneSet,
  pool,
  pyramid,
  stages,
  threshold,
  uniform,
  wholeHeads,
];
