import { attentionNeeds, newestProducts } from './needs.ts';
import { groupMean } from './group-mean.ts';
import { newerThan } from './newer-than.ts';
import { averagePool } from './pooling.ts';
import { protect } from './protect.ts';
import { defineScore } from './types.ts';

/**
 * SnapKV keeps what the last few tokens of the prompt attend to, smoothed so that neighbours survive together.
 * Based on "SnapKV: LLM Knows What You are Looking for Before Generation" (arXiv 2404.14469).
 *
 *     m[h', j] = mean over the last w queries of A[h', i, j]        j < seq - w,  A: [heads, seq, seq]
 *     s[h, j] = mean over the group of  sum of m[h', j - k/2 .. j + k/2] / k        beyond the ends m is 0, and k stays k
 *     s[h, j] = max s + 1        j >= seq - w
 *
 * The softmax runs over all keys, and is not renormalised when the window's own columns are dropped.
 * Deviations, shared with kvpress: a mean over the group, where the authors repeat keys for every query head. Ours: a window of 16, as texts here are
 * short (kvpress has 64, the authors' code 32), and in a lane never more than half of the budget.
 */
export const snapkv = defineScore({
  name: 'snapkv',
  caption: { name: 'SnapKV', idea: 'what the last words look at' },
  source: 'arXiv 2404.14469',
  settings: {
    window: {
      kind: 'number',
      default: 16,
      min: 1,
      max: 256,
      step: 1,
      about: 'Last tokens whose attention votes, and which always stay.',
    },
    kernel: { kind: 'number', default: 5, min: 1, max: 63, step: 2, about: 'Tokens that share one smoothed vote.' },
  },
  needs: attentionNeeds,
  products: ({ window }, seq) => newestProducts(window, seq),
  // A window that fills the budget leaves nothing to choose: the rule would keep the newest tokens and be StreamingLLM without sinks.
  fit: ({ window, kernel }, seq, budget) => ({
    window: Math.max(1, Math.min(window, Math.trunc(budget / 2), seq - 1)),
    kernel,
  }),
  make: ({ window, kernel }) => ({
    window,
    score(layer) {
      if (layer.seq <= window) {
        throw new Error(
          `snapkv needs more tokens than its window: there are ${layer.seq} tokens and the window is ${window}.`,
        );
      }
      const inside = layer.counts.map((_, kvHead) => newerThan(layer.tokens(kvHead), layer.seq - window));
      const group = layer.heads / layer.kvHeads;
      const votes = layer.attentionSums(window).map((sums, head) => {
        const scores = new Float64Array(sums.length);
        const before = sums.subarray(0, sums.length - inside[Math.floor(head / group)]!).map((sum) => sum / window);
        scores.set(averagePool(before, kernel));
        return scores;
      });
      return protect(groupMean(votes, layer.kvHeads), 0, inside);
    },
  }),
});
