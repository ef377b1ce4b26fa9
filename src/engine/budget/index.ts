import { adakv } from './adakv.ts';
import { pool } from './pool.ts';
import { pyramid } from './pyramid.ts';
import type { BudgetMember } from './types.ts';
import { uniform } from './uniform.ts';

/** Every budget, in alphabetical order: the table of contents of this folder. Add a budget here. */
export const budgets: readonly BudgetMember[] = [adakv, pool, pyramid, uniform];
