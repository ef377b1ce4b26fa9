import type { Scores } from '../engine/budget/types.ts';
import { sortable } from '../engine/eviction/select.ts';

/** Scores that are remembered are the same arrays at every budget, and so are their ranks. */
const known = new WeakMap<Float64Array, Uint16Array>();

/**
 * For each head (layer * kvHeads + kvHead) and entry: how many entries of the head score lower. That is the order in which they fall, whatever the rule
 * counts in; equal scores share a rank, and NaN ranks lowest, as it does where entries are chosen.
 * @param scores of a prompt that is held whole, so that all heads have as many entries
 * @returns [heads * entries]; empty where nothing was scored
 */
export function ranksOf(scores: Scores | undefined): Uint16Array {
  const rows = scores?.flat().map(ranksOfHead) ?? [];
  const entries = rows[0]?.length ?? 0;
  const ranks = new Uint16Array(rows.length * entries);
  rows.forEach((row, head) => {
    ranks.set(row, head * entries);
  });
  return ranks;
}

function ranksOfHead(scores: Float64Array): Uint16Array {
  let ranks = known.get(scores);
  if (!ranks) known.set(scores, (ranks = lowerThanEach(scores.map(sortable))));
  return ranks;
}

function lowerThanEach(scores: Float64Array): Uint16Array {
  const order = Array.from(scores.keys()).sort((a, b) => (scores[a] === scores[b] ? 0 : scores[a]! - scores[b]!));
  const ranks = new Uint16Array(scores.length);
  order.forEach((entry, at) => {
    const tied = at > 0 && scores[entry] === scores[order[at - 1]!];
    ranks[entry] = tied ? ranks[order[at - 1]!]! : at;
  });
  return ranks;
}
