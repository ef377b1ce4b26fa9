import type { KVCache } from '../cache/kv-cache.ts';
import { leaving, nearest, norm, unitKeys } from './nearest.ts';
import { defineFate } from './types.ts';

/**
 * The value of an entry that leaves is folded into the value of the entry that stays whose key is most like its own; keys stay as they are.
 * As kvpress MergingPress (after token merging, arXiv 2210.09461, and D2O, arXiv 2406.13035).
 *
 *     e leaves: t = argmax over what stays of cos(k_e, k_t)      w = max(cos, 0) [cos >= threshold] ||v_e|| / (||v_e|| + ||v_t||)
 *     v_t' = (v_t + sum of w v_e) / (1 + sum of w)               the norms are those before any merging
 */
export const merge = defineFate({
  name: 'merge',
  caption: { name: 'merge', idea: 'the rest is folded into what stays' },
  source: 'kvpress MergingPress; arXiv 2210.09461, 2406.13035',
  settings: {
    threshold: {
      kind: 'number',
      default: 0,
      min: -1,
      max: 1,
      step: 0.05,
      about: 'Cosine of two keys below which nothing is merged.',
    },
  },
  make: ({ threshold }) => ({
    before(cache, layer, kept) {
      const plans = kept.map((entries, kvHead) => planHead(cache, layer * kept.length + kvHead, entries, threshold));
      cache.merge(
        layer,
        plans.map(({ pairs }) => pairs),
        plans.map(({ weights }) => weights),
      );
    },
  }),
});

function planHead(cache: KVCache, head: number, kept: Int32Array, threshold: number) {
  const count = cache.count(head);
  const { headDim } = cache.store.config;
  const units = unitKeys(cache, head, count, headDim);
  const norms = Array.from({ length: count }, (_, entry) => norm(cache.store.value(cache.row(head, entry))));
  const pairs: number[] = [];
  const weights: number[] = [];
  for (const entry of kept.length ? leaving(count, kept) : []) {
    const { into, cosine } = nearest(units, headDim, entry, kept);
    const weight = (Math.max(cosine, 0) * norms[entry]!) / (norms[entry]! + norms[into]!);
    if (cosine < threshold || !(weight > 0)) continue;
    pairs.push(entry, into);
    weights.push(weight);
  }
  return { pairs: Int32Array.from(pairs), weights: Float64Array.from(weights) };
}
