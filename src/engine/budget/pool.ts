import { best } from '../eviction/select.ts';
import { defineBudget, type Kept, type Scores } from './types.ts';

/**
 * One pool for all heads of all layers: the best entries of the whole cache stay, wherever they are. Nothing is promised to anybody, so that the rule
 * inside must give scores that can be compared between layers; shares of attention can.
 *
 *     n = trunc(layers * kvHeads * budget)       the n best of all entries
 *
 * Ties go to the lower layer, then the lower head, then the lower entry.
 */
export const pool = defineBudget({
  name: 'pool',
  caption: { name: 'One pool', idea: 'all heads compete for room' },
  source: 'a control: ours; within a layer it is Ada-KV without a safeguard',
  settings: {},
  wraps: [{ role: 'score', default: 'oracle' }],
  make: (_settings, scorer) => ({ scorer, select: selectTogether }),
});

function selectTogether(scores: Scores, budgets: readonly number[]): Kept {
  const rows = scores.flat();
  const all = Float64Array.from(rows.flatMap((row) => [...row]));
  const room = scores.reduce((sum, heads, layer) => sum + heads.length * budgets[layer]!, 0);
  // A product of doubles may fall a hair short of the whole number that it stands for.
  const entries = best(all, Math.min(all.length, Math.trunc(room + 1e-9)));
  let [start, from] = [0, 0];
  return scores.map((heads) =>
    heads.map((row) => {
      let to = from;
      while (to < entries.length && entries[to]! < start + row.length) to++;
      const kept = entries.slice(from, to).map((entry) => entry - start);
      [start, from] = [start + row.length, to];
      return kept;
    }),
  );
}
