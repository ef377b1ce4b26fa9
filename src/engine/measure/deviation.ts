import type { KVCache } from '../cache/kv-cache.ts';

/**
 * How far two caches of the same tokens are apart at each: the squared distance of its values in some layers. In layer 1 alone it is what CacheBlend's
 * code chooses by (YaoJiayi/CacheBlend, vllm_blend/vllm/attention/backends/xformers.py at 55ad026).
 * @param right the one that was read whole
 * @returns apart [tokens], and the same over the squared length of what `right` holds
 */
export function deviations(
  cache: KVCache,
  right: KVCache,
  layers: readonly number[],
): { readonly apart: Float64Array; readonly relative: Float64Array } {
  const { store } = right;
  const { kvHeads } = store.config;
  const [apart, size] = [new Float64Array(right.length), new Float64Array(right.length)];
  for (const head of layers.flatMap((layer) => Array.from({ length: kvHeads }, (_, i) => layer * kvHeads + i))) {
    for (let token = 0; token < right.length; token++) {
      const [value, wanted] = [store.value(cache.row(head, token)), store.value(right.row(head, token))];
      for (let c = 0; c < wanted.length; c++) {
        apart[token]! += (value[c]! - wanted[c]!) ** 2;
        size[token]! += wanted[c]! ** 2;
      }
    }
  }
  return { apart, relative: apart.map((sum, token) => sum / (size[token]! || 1)) };
}

/** The places of the largest numbers, largest first; of equal ones the first. */
export const largest = (numbers: ArrayLike<number>, count: number): number[] =>
  Array.from(numbers, (_, at) => at)
    .sort((a, b) => numbers[b]! - numbers[a]! || a - b)
    .slice(0, count);
