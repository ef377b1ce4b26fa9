import { groupMean } from './group-mean.ts';
import { attentionNeeds, newestProducts } from './needs.ts';
import { newerThan } from './newer-than.ts';
import { protect } from './protect.ts';
import { defineScore } from './types.ts';

/**
 * FINCH keeps what the question attends to: the last `window` tokens, each of whose looks counts as often as there were tokens to look at.
 * Based on "FINCH: Prompt-guided Key-Value Cache Compression for Large Language Models" (TACL 2024, tacl_a_00716); as kvpress FinchPress.
 *
 *     s[h, j] = mean over the group and over the last w queries of  i A[h', i, j]        j < seq - w,  i the number of the query's token
 *     s[h, j] = max s + 1        j >= seq - w
 *
 * Nothing is smoothed. Token i sees i + 1 tokens, and kvpress counts i. There the window is what stands behind a delimiter; here it is a setting, by
 * default the length of our questions. The authors compress chunk by chunk and give what is kept new positions: add `rerotate`.
 */
export const finch = defineScore({
  name: 'finch',
  caption: { name: 'FINCH', idea: 'what the question looks at' },
  source: 'TACL 2024, tacl_a_00716; as kvpress FinchPress',
  settings: {
    window: {
      kind: 'number',
      default: 9,
      min: 1,
      max: 256,
      step: 1,
      about: 'Last tokens that are the question; one here has six to nine words.',
    },
    normalize: { kind: 'switch', default: true, about: 'Count a look as often as there were tokens to look at.' },
  },
  needs: attentionNeeds,
  products: ({ window }, seq) => newestProducts(window, seq),
  fit: ({ window, normalize }, seq, budget) => ({
    window: Math.max(1, Math.min(window, Math.trunc(budget / 2), seq - 1)),
    normalize,
  }),
  make: ({ window, normalize }) => ({
    window,
    score(layer) {
      if (layer.seq <= window) {
        throw new Error(
          `finch needs more tokens than its window: there are ${layer.seq} tokens and the window is ${window}.`,
        );
      }
      const inside = layer.counts.map((_, kvHead) => newerThan(layer.tokens(kvHead), layer.seq - window));
      const group = layer.heads / layer.kvHeads;
      const sums = layer.attentionSums(window, normalize ? (token) => token : undefined);
      const votes = sums.map((row, head) => {
        const before = row.length - inside[Math.floor(head / group)]!;
        return row.map((sum, j) => (j < before ? sum / window : 0));
      });
      return protect(groupMean(votes, layer.kvHeads), 0, inside);
    },
  }),
});
