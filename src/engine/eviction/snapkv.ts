import { attentionNeeds, columnSums, lastAttention } from './attention.ts';
import { groupMean } from './group-mean.ts';
import { protect } from './protect.ts';
import { definePolicy } from './types.ts';

/**
 * SnapKV keeps what the last few tokens of the prompt attend to, smoothed so that neighbours survive together.
 * Based on "SnapKV: LLM Knows What You are Looking for Before Generation" (arXiv 2404.14469).
 *
 *     m[h', j] = mean over the last w queries of A[h', i, j]        j < seq - w,  A: [heads, seq, seq]
 *     s[h, j] = mean over the group of  sum of m[h', j - k/2 .. j + k/2] / k        beyond the ends m is 0, and k stays k
 *     s[h, j] = max s + 1        j >= seq - w
 *
 * The softmax runs over all keys, and is not renormalised when the window's own columns are dropped.
 * Deviations, shared with kvpress: an average pool and a mean, where the authors' code has a max pool and a sum.
 */
export const snapkv = definePolicy({
  name: 'snapkv',
  settings: {
    window: {
      kind: 'number',
      default: 64,
      min: 1,
      max: 256,
      step: 1,
      about: 'Last tokens whose attention votes, and which always stay.',
    },
    kernel: { kind: 'number', default: 5, min: 1, max: 63, step: 2, about: 'Tokens that share one smoothed vote.' },
  },
  needs: attentionNeeds,
  // A window larger than the budget would keep an arbitrary part of itself; this keeps the newest.
  fit: ({ window, kernel }, seq, kept) => ({ window: Math.max(1, Math.min(window, kept, seq - 1)), kernel }),
  score(layer, { window, kernel }) {
    const { seq, heads, kvHeads } = layer;
    if (seq <= window)
      throw new Error(`snapkv needs more tokens than its window: there are ${seq} tokens and the window is ${window}.`);
    const attentionOf = lastAttention(layer, window);
    const perHead = new Float64Array(heads * seq);
    for (let head = 0; head < heads; head++) {
      const votes = columnSums(attentionOf(head), seq).map((sum) => sum / window);
      perHead.set(averagePool(votes.subarray(0, seq - window), kernel), head * seq);
    }
    return protect(groupMean(perHead, heads, kvHeads), kvHeads, 0, window);
  },
});

/** Zero padding is counted: every sum is divided by `kernel`, which is odd. */
function averagePool(votes: Float64Array, kernel: number): Float64Array {
  const reach = (kernel - 1) / 2;
  return votes.map((_, j) => {
    let sum = 0;
    for (let k = Math.max(0, j - reach); k <= Math.min(votes.length - 1, j + reach); k++) sum += votes[k]!;
    return sum / kernel;
  });
}
