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
  const { headDim } = cache.store.config;
  const units = unitKeys(cache, head, count, headDim);
  const norms = Array.from({ length: count }, (_, entry) => norm(cache.store.value(cache.row(head, entry))));
  const stays = new Uint8Array(count);
  for (const entry of kept) stays[entry] = 1;
  const pairs: number[] = [];
  const weights: number[] = [];
  for (let entry = 0; entry < count && kept.length; entry++) {
    if (stays[entry]) continue;
    const { into, cosine } = nearest(units, headDim, entry, kept);
    const weight = (Math.max(cosine, 0) * norms[entry]!) / (norms[entry]! + norms[into]!);
    if (cosine < threshold || !(weight > 0)) continue;
    pairs.push(entry, into);
    weights.push(weight);
  }
  return { pairs: Int32Array.from(pairs), weights: Float64Array.from(weights) };
}

/** Of equally near ones the older. */
function nearest(units: Float64Array, headDim: number, entry: number, kept: Int32Array) {
  let [into, cosine] = [kept[0]!, -Infinity];
  const from = entry * headDim;
  for (let k = 0; k < kept.length; k++) {
    const at = kept[k]! * headDim;
    let likeness = 0;
    for (let c = 0; c < headDim; c++) likeness += units[from + c]! * units[at + c]!;
    if (likeness > cosine) {
      cosine = likeness;
      into = kept[k]!;
    }
  }
  return { into, cosine };
}

function norm(row: ArrayLike<number>): number {
  let squares = 0;
  for (let c = 0; c < row.length; c++) squares += row[c]! ** 2;
  return Math.sqrt(squares);
}

/** [count, headDim]: the keys, each made one long. */
function unitKeys(cache: KVCache, head: number, count: number, headDim: number): Float64Array {
  const units = new Float64Array(count * headDim);
  for (let entry = 0; entry < count; entry++) {
    const key = cache.store.key(cache.row(head, entry));
    const length = norm(key);
    for (let c = 0; c < headDim; c++) units[entry * headDim + c] = length ? key[c]! / length : 0;
  }
  return units;
}
