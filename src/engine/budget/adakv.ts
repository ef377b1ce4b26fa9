import { best, sortable } from '../eviction/select.ts';
import { defineBudget } from './types.ts';

/** What every head keeps of an even budget, however the heads compete. */
export const safeguard = {
  kind: 'number',
  default: 0.2,
  min: 0,
  max: 1,
  step: 0.01,
  about: 'Share of an even budget that every head keeps for its own best.',
} as const;

/**
 * AdaKV lets the heads of a layer compete: the best entries of all of them stay, wherever they are, but each head keeps a few of its own.
 * Based on "Ada-KV: Optimizing KV Cache Eviction by Adaptive Budget Allocation for Efficient LLM Inference" (arXiv 2407.11550); as kvpress AdaKVPress.
 *
 *     n = trunc(budget)       each head: its own = trunc(n * safeguard) best, at least one where safeguard > 0
 *     then the best of the rest, kvHeads * n in all
 *
 * Ties go to the lower head, then the lower entry.
 */
export const adakv = defineBudget({
  name: 'adakv',
  caption: { name: 'AdaKV', idea: 'heads compete for room' },
  source: 'arXiv 2407.11550; as kvpress AdaKVPress',
  settings: { safeguard },
  wraps: [{ role: 'score', default: 'snapkv' }],
  make: ({ safeguard }, scorer) => ({
    scorer,
    select: (scores, budgets) =>
      scores.map((heads, layer) => {
        const { counts } = allot(heads, Math.trunc(budgets[layer]!), safeguard);
        return heads.map((row, head) => best(row, counts[head]!));
      }),
  }),
});

/**
 * How many entries each head of a layer wins.
 * @param heads scores, for each head [count] @param budget entries a head, a whole number
 * @returns what each head has for itself, and what it has in all
 */
export function allot(heads: readonly Float64Array[], budget: number, safeguard: number) {
  const own = Math.min(budget, Math.max(safeguard > 0 ? 1 : 0, Math.trunc(budget * safeguard)));
  const ranked = heads.map((row) => row.map(sortable).sort().reverse());
  const counts = ranked.map((row) => Math.min(own, row.length));
  let left = Math.min(
    budget * heads.length,
    heads.reduce((sum, { length }) => sum + length, 0),
  );
  for (const count of counts) left -= count;
  const rest = ranked.flatMap((row, head) => [...row.subarray(counts[head])].map((score) => ({ head, score })));
  rest.sort((a, b) => b.score - a.score || a.head - b.head);
  for (const { head } of rest.slice(0, left)) counts[head]!++;
  return { own, counts };
}
