import { columnSums, perQuery } from './observed-attention.ts';
import { protect } from './protect.ts';
import { defineScore } from './types.ts';

/**
 * H2O keeps the "heavy hitters": the tokens that have gathered the most attention from all queries so far.
 * Based on "H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models" (arXiv 2306.14048).
 *
 *     s[h, j] = mean over the group of  sum over i of A[h', i, j] / (seq - j)        A: [heads, seq, seq]
 *
 * This default is kvpress' variant of it, which `observed-attention` is by its own name: an average over the queries that can see j, with nothing
 * protected.
 * The paper's own form is `average` off (the plain sum, which favours early tokens) and `recent` at 0.5 (half of the budget goes to the
 * newest tokens, which score max s + 1). Deviation, shared with kvpress: the paper evicts greedily at every step, so that a token dropped early
 * gathers nothing more; here the attention is that of what is held when the rule is asked.
 */
export const h2o = defineScore({
  name: 'h2o',
  caption: { name: 'H2O', idea: 'what was attended' },
  source: 'arXiv 2306.14048; default as kvpress ObservedAttention',
  settings: {
    average: {
      kind: 'switch',
      default: true,
      about: 'Divide by the number of queries that could see the token; off, as in the paper, sums.',
    },
    recent: {
      kind: 'number',
      default: 0,
      min: 0,
      max: 1,
      step: 0.05,
      about: 'Share of the budget held for the newest tokens; the paper uses 0.5.',
    },
  },
  needs: [['attentions']],
  usesBudget: ({ recent }) => recent > 0,
  make: ({ average, recent }) => ({
    score(layer, budget) {
      const sums = columnSums(layer);
      const scores = average ? perQuery(layer, sums) : sums;
      return protect(scores, 0, Math.round(Math.trunc(budget) * recent));
    },
  }),
});
