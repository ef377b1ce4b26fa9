import { sortable } from '../eviction/select.ts';
import { defineBudget } from './types.ts';

/**
 * AdaKV lets the heads of a layer compete: the best entries of all of them stay, wherever they are, but each head keeps a few of its own.
 * Based on "Ada-KV: Optimizing KV Cache Eviction by Adaptive Budget Allocation for Efficient LLM Inference" (arXiv 2407.11550); as kvpress AdaKVPress.
 *
 *     n = trunc(budget)       each head: its trunc(n * safeguard) best        then the best of the rest, kvHeads * n in all
 *
 * Ties go to the lower head, then the lower entry.
 */
export const adakv = defineBudget({
  name: 'adakv',
  caption: { name: 'AdaKV', idea: 'heads compete for room' },
  source: 'arXiv 2407.11550; as kvpress AdaKVPress',
  settings: {
    safeguard: {
      kind: 'number',
      default: 0.2,
      min: 0,
      max: 1,
      step: 0.01,
      about: 'Share of an even budget that every head keeps for its own best.',
    },
  },
  wraps: [{ role: 'score', default: 'snapkv' }],
  make: ({ safeguard }, scorer) => ({
    scorer,
    select: (scores, budgets) => scores.map((heads, layer) => compete(heads, Math.trunc(budgets[layer]!), safeguard)),
  }),
});

function compete(heads: readonly Float64Array[], budget: number, safeguard: number): Int32Array[] {
  const own = Math.trunc(budget * safeguard);
  const ranked = heads.map((row) => {
    const entries = Int32Array.from(row.keys());
    return entries.sort((a, b) => sortable(row[b]!) - sortable(row[a]!) || a - b);
  });
  const taken = ranked.map((entries) => Math.min(own, entries.length));
  let left = Math.min(
    budget * heads.length,
    heads.reduce((sum, { length }) => sum + length, 0),
  );
  for (const count of taken) left -= count;
  const rest = ranked.flatMap((entries, head) =>
    [...entries.subarray(taken[head])].map((entry) => ({ head, score: sortable(heads[head]![entry]!) })),
  );
  rest.sort((a, b) => b.score - a.score || a.head - b.head);
  for (const { head } of rest.slice(0, left)) taken[head]!++;
  return ranked.map((entries, head) => entries.slice(0, taken[head]).sort());
}
