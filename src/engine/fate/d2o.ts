import type { KVCache } from '../cache/kv-cache.ts';
import { leaving, nearest, unitKeys } from './nearest.ts';
import { defineFate, type Fate } from './types.ts';

/**
 * An entry that leaves is merged into the one that stays whose key is most like its own, key and value, if it is like it enough; what is enough follows
 * what was seen so far.
 * Based on "D2O: Dynamic Discriminative Operations for Efficient Long-Context Inference of Large Language Models" (arXiv 2406.13035) and its code.
 *
 *     e leaves: c_e = max over what stays of cos(k_e, k_t), t the one        C = mean of c_e over all that leave the layer
 *     theta = C the first time, then alpha theta + (1 - alpha) C        e is merged if c_e >= theta
 *     k_t' = (k_t + sum of c_e k_e) / (1 + how many)        v_t' likewise
 *
 * Keys are those after RoPE, as in the code: a merged key stands for no one position. The code has its layers' budgets from the variance of attention,
 * which is a budget's matter here. Deviation: the code decides for all heads by the mean of their cosines, as its heads drop equally many; here each head
 * decides, since heads may drop different numbers.
 */
export const d2o = defineFate({
  name: 'd2o',
  caption: { name: 'D2O', idea: 'what has a twin is merged into it, key and value' },
  source: 'arXiv 2406.13035; AIoT-MLSys-Lab/D2O',
  settings: {
    alpha: {
      kind: 'number',
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.05,
      about: 'How much of the threshold comes from what was seen before.',
    },
  },
  make: ({ alpha }) => d2oFrom(alpha, new Map()),
});

/** @param thresholds of layers that have dropped something */
function d2oFrom(alpha: number, thresholds: Map<number, number>): Fate {
  return {
    before(cache, layer, kept) {
      const twins = kept.map((entries, kvHead) => twinsOf(cache, layer * kept.length + kvHead, entries));
      const all = twins.flat();
      if (!all.length) return;
      const mean = all.reduce((sum, { cosine }) => sum + cosine, 0) / all.length;
      const before = thresholds.get(layer);
      const threshold = before === undefined ? mean : alpha * before + (1 - alpha) * mean;
      thresholds.set(layer, threshold);
      const merged = twins.map((some) => some.filter(({ cosine }) => cosine >= threshold));
      cache.merge(
        layer,
        merged.map((some) => Int32Array.from(some.flatMap(({ entry, into }) => [entry, into]))),
        merged.map((some) => Float64Array.from(some, ({ cosine }) => cosine)),
        { keys: true, divisor: 'count' },
      );
    },
    fork: () => d2oFrom(alpha, new Map(thresholds)),
  };
}

function twinsOf(cache: KVCache, head: number, kept: Int32Array) {
  const { headDim } = cache.store.config;
  const count = cache.count(head);
  if (!kept.length) return [];
  const units = unitKeys(cache, head, count, headDim);
  return leaving(count, kept).map((entry) => ({ entry, ...nearest(units, headDim, entry, kept) }));
}
