import type { KVCache } from '../cache/kv-cache.ts';
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
  const stays = new Set(kept);
  const pairs: number[] = [];
  const weights: number[] = [];
  if (kept.length) {
    const units = Array.from({ length: count }, (_, entry) => unit(cache.store.key(cache.row(head, entry))));
    const norms = Array.from({ length: count }, (_, entry) => norm(cache.store.value(cache.row(head, entry))));
    for (let entry = 0; entry < count; entry++) {
      if (stays.has(entry)) continue;
      const { into, cosine } = nearest(units, units[entry]!, kept);
      const weight = (Math.max(cosine, 0) * norms[entry]!) / (norms[entry]! + norms[into]!);
      if (cosine < threshold || !(weight > 0)) continue;
      pairs.push(entry, into);
      weights.push(weight);
    }
  }
  return { pairs: Int32Array.from(pairs), weights: Float64Array.from(weights) };
}

/** Of equally near ones the older. */
function nearest(units: readonly Float64Array[], key: Float64Array, kept: Int32Array) {
  let [into, cosine] = [kept[0]!, -Infinity];
  for (const entry of kept) {
    const likeness = dot(units[entry]!, key);
    if (likeness > cosine) [into, cosine] = [entry, likeness];
  }
  return { into, cosine };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += a[c]! * b[c]!;
  return sum;
}

const norm = (row: ArrayLike<number>) => Math.sqrt(dot(row, row));

function unit(row: Float32Array): Float64Array {
  const length = norm(row);
  return Float64Array.from(row, (x) => (length ? x / length : 0));
}
