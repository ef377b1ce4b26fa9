import { attentionNeeds, lastAttention } from './attention.ts';
import { protect } from './protect.ts';
import { definePolicy } from './types.ts';

/**
 * TOVA ("token omission via attention") keeps what the newest token attends to.
 * Based on "Transformers are Multi-State RNNs" (arXiv 2401.06104).
 *
 *     s[j] = mean over ALL query heads of A[h, seq - 1, j]        j < seq - 1,  A: [heads, seq, seq]
 *     s[seq - 1] = max s + 1
 *
 * The row is the same for every KV head, so that all heads of a layer keep the same tokens.
 */
export const tova = definePolicy({
  name: 'tova',
  settings: {},
  needs: attentionNeeds,
  score(layer) {
    const { seq, heads, kvHeads } = layer;
    const attentionOf = lastAttention(layer, 1);
    const scores = new Float64Array(kvHeads * seq);
    const mean = scores.subarray(0, seq - 1);
    for (let head = 0; head < heads; head++) {
      const row = attentionOf(head);
      for (let j = 0; j < seq - 1; j++) mean[j]! += row[j]! / heads;
    }
    for (let head = 1; head < kvHeads; head++) scores.set(mean, head * seq);
    return protect(scores, kvHeads, 0, 1);
  },
});
