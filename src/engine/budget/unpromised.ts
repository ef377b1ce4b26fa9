import type { Scorer } from '../eviction/types.ts';

/** A rule whose newest entries may go all the same, because a budget chooses by more than its scores. */
export function unpromised(scorer: Scorer): Scorer {
  return {
    ...(scorer.remembers && { remembers: true }),
    score: (layer, budget) => scorer.score(layer, budget),
  };
}
