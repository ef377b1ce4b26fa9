import { columnSums } from './attention.ts';
import { groupMean } from './group-mean.ts';
import { protect } from './protect.ts';
import { tensor } from './tensor.ts';
import { definePolicy } from './types.ts';

/**
 * H2O keeps the "heavy hitters": the tokens that have gathered the most attention from all queries so far.
 * Based on "H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models" (arXiv 2306.14048).
 *
 *     s[h, j] = mean over the group of  sum over i of A[h', i, j] / (seq - j)        A: [heads, seq, seq]
 *
 * This default is what kvpress calls ObservedAttention: an average over the queries that can see j, with nothing protected.
 * The paper's own form is `average` off (the plain sum, which favours early tokens) and `recent` at 0.5 (half of the budget goes to the
 * newest tokens, which score max s + 1). Deviation, shared with kvpress: the paper evicts greedily at every step, so that a token dropped early
 * gathers nothing more; here the attention is that of the full cache.
 */
export const h2o = definePolicy({
  name: 'h2o',
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
  dependsOnBudget: ({ recent }) => recent > 0,
  score(layer, { average, recent }, { kept }) {
    const { seq, heads, kvHeads } = layer;
    const attentions = tensor(layer, 'attentions').data;
    const perHead = new Float64Array(heads * seq);
    for (let head = 0; head < heads; head++) {
      perHead.set(columnSums(attentions.subarray(head * seq * seq, (head + 1) * seq * seq), seq), head * seq);
    }
    const scores = groupMean(perHead, heads, kvHeads);
    if (average) scores.forEach((sum, at) => (scores[at] = sum / (seq - (at % seq))));
    return protect(scores, kvHeads, 0, Math.round(kept * recent));
  },
});
