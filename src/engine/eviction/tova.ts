import { attentionNeeds, newestProducts } from './needs.ts';
import { groupMean } from './group-mean.ts';
import { newerThan } from './newer-than.ts';
import { protect } from './protect.ts';
import { defineScore, type LayerView } from './types.ts';

/**
 * TOVA ("token omission via attention") keeps what the newest token attends to.
 * Based on "Transformers are Multi-State RNNs" (arXiv 2401.06104).
 *
 *     s[j] = mean over ALL query heads of A[h, seq - 1, j]        j < seq - 1,  A: [heads, seq, seq]
 *     s[seq - 1] = max s + 1
 *
 * The row is the same for every KV head, so that all heads of a layer keep the same tokens. Where heads hold different tokens, as behind a
 * ragged budget, each averages over its own group: there is no common row.
 */
export const tova = defineScore({
  name: 'tova',
  caption: { name: 'TOVA', idea: 'what the last word looks at' },
  source: 'arXiv 2401.06104',
  settings: {},
  needs: attentionNeeds,
  products: (_, seq) => newestProducts(1, seq),
  make: () => ({
    window: 1,
    score(layer) {
      const newest = layer.counts.map((_, kvHead) => newerThan(layer.tokens(kvHead), layer.seq - 1));
      const group = layer.heads / layer.kvHeads;
      const looks = layer.attentionSums(1).map((sums, head) => {
        const count = sums.length - newest[Math.floor(head / group)]!;
        return sums.slice().fill(0, count);
      });
      const common = holdTheSame(layer);
      const means = groupMean(looks, common ? 1 : layer.kvHeads);
      return protect(common ? layer.counts.map(() => means[0]!.slice()) : means, 0, newest);
    },
  }),
});

/** Whether every KV head holds the same tokens; as many of them is not enough. */
function holdTheSame(layer: LayerView): boolean {
  const first = layer.tokens(0);
  return layer.counts.every((count, kvHead) => {
    const tokens = layer.tokens(kvHead);
    return count === first.length && tokens.every((token, entry) => token === first[entry]);
  });
}
