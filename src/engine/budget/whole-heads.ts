import { best } from '../eviction/select.ts';
import { roundHalfEven } from '../round.ts';
import { pool } from './pool.ts';
import { defineBudget, type Kept, type Scores } from './types.ts';

/**
 * Heads of two sorts: some keep all that they have, and the others only what scores above the least of their entries. For rules that say the same of a
 * head's whole middle and more of its ends, as `duo-attention` does: then the others stream.
 * As the choice of heads in kvpress DuoAttentionPress (arXiv 2410.10819).
 *
 *     the round(share * heads) heads whose least score is lowest stream        halves are rounded to even; ties go to the lower layer, then the lower head
 *
 * A share knows no budget. Here the budget is a ceiling: more heads stream until all fits into it, and where not even their ends do, the best entries of
 * the whole cache stay, as under `pool`.
 */
export const wholeHeads = defineBudget({
  name: 'whole-heads',
  entry: 'duoattention',
  caption: { name: 'whole heads', idea: 'some heads keep all, the others their ends' },
  source: 'arXiv 2410.10819; as kvpress DuoAttentionPress',
  settings: {
    share: {
      kind: 'number',
      default: 0.25,
      min: 0,
      max: 1,
      step: 0.01,
      about: 'Share of all heads that stream at least.',
    },
  },
  wraps: [{ role: 'score', default: 'duo-attention' }],
  detail: ({ share }) => `${share} stream`,
  make: ({ share }, scorer) => ({
    scorer,
    select(scores, budgets, layers) {
      const rows = scores.flat();
      const order = [...rows.keys()].sort((a, b) => least(rows[a]!) - least(rows[b]!) || a - b);
      const room = scores.reduce((sum, heads, layer) => sum + heads.length * budgets[layer]!, 0) + 1e-9;
      for (let streaming = roundHalfEven(share * rows.length); streaming <= rows.length; streaming++) {
        const kept = keptBy(scores, new Set(order.slice(0, streaming)));
        if (kept.flat().reduce((sum, { length }) => sum + length, 0) <= room) return kept;
      }
      return pool.make({}, scorer).select(scores, budgets, layers);
    },
  }),
});

const least = (row: Float64Array) => row.reduce((a, b) => Math.min(a, b), Infinity);

/** @param streaming heads, numbered through all layers */
function keptBy(scores: Scores, streaming: ReadonlySet<number>): Kept {
  let head = 0;
  return scores.map((heads) =>
    heads.map((row) => {
      const floor = streaming.has(head++) ? least(row) : -Infinity;
      return best(
        row,
        row.reduce((count, score) => count + Number(score > floor || floor === -Infinity), 0),
      );
    }),
  );
}
