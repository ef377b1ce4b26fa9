import { best } from '../eviction/select.ts';
import { defineBudget } from './types.ts';

/**
 * What scores below a threshold goes, as soon as it is older than the newest few; heads keep as many as pass. After the inference of "Inference-Time
 * Hyper-Scaling with KV Cache Compression" (DMS, arXiv 2506.05345); as kvpress DMSPress, which takes any rule in place of the trained verdict.
 *
 *     kept = { j : s[h, j] >= at }  and the last `window` entries        where a head has more than trunc(budget): its best, newest first to stay
 *
 * A threshold knows no budget. Here the budget is a ceiling for each head, so that lanes stay comparable: what passes and does not fit goes, the lowest
 * scores first and the newest entries last. In a lane, nothing goes before the cache has to shrink. With `every(1)`, tokens leave as the window passes them;
 * kvpress keeps the score that a token had when it came, here it is asked anew.
 */
export const threshold = defineBudget({
  name: 'threshold',
  caption: { name: 'threshold', idea: 'what scores too little goes, behind a window' },
  source: 'arXiv 2506.05345; as kvpress DMSPress',
  settings: {
    at: {
      kind: 'number',
      default: 0.002,
      min: -20,
      max: 20,
      step: 0.001,
      about: 'Score below which an entry goes; what it should be depends on the rule inside.',
    },
    window: { kind: 'number', default: 16, min: 0, max: 512, step: 1, about: 'Newest entries that stay unjudged.' },
  },
  wraps: [{ role: 'score', default: 'snapkv' }],
  detail: ({ at }) => `at ${at}`,
  make: ({ at, window }, scorer) => ({
    scorer,
    select: (scores, budgets) =>
      scores.map((heads, layer) => heads.map((row) => passing(row, Math.trunc(budgets[layer]!), at, window))),
  }),
});

function passing(scores: Float64Array, budget: number, at: number, window: number): Int32Array {
  const judged = scores.map((score, entry) => {
    if (entry >= scores.length - window) return Infinity;
    return score >= at ? score : -Infinity;
  });
  const count = judged.reduce((sum, score) => sum + Number(score > -Infinity), 0);
  if (count <= budget) return best(judged, count);
  // In too small a budget the newest of the window stay.
  return window >= budget
    ? Int32Array.from({ length: budget }, (_, i) => scores.length - budget + i)
    : best(judged, budget);
}
