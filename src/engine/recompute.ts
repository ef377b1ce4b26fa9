import { KVCache } from './cache/kv-cache.ts';
import type { Model } from './model/model.ts';

/** Reads tokens into a cache of their own. The caller releases it. */
export const readWhole = (model: Model, tokens: readonly number[]): KVCache =>
  recompute(model, tokens, undefined, () => true);

/**
 * A cache of tokens of which only some are computed: the others keep the keys and values that another cache holds of them, which may have been computed
 * behind another text. A token's row in a layer needs nothing but the rows before it, so that going from token to token gives the same numbers as going from
 * layer to layer with the chosen rows alone, as CacheBlend does (arXiv 2405.16444).
 * @param kept holds the same number of tokens in every head; undefined where all are computed
 * @returns a new cache; the caller releases it
 */
export function recompute(
  model: Model,
  tokens: readonly number[],
  kept: KVCache | undefined,
  chosen: (token: number) => boolean,
): KVCache {
  const cache = new KVCache(model.store);
  for (let from = 0; from < tokens.length;) {
    const fresh = chosen(from);
    let to = from + 1;
    while (to < tokens.length && chosen(to) === fresh) to++;
    if (fresh) readOn(model, cache, tokens.slice(from, to));
    else cache.splice(kept!, from, to);
    from = to;
  }
  return cache;
}

/** Reads tokens behind what a cache holds. @returns the logits after the last */
export function readOn(
  model: Model,
  cache: KVCache,
  tokens: readonly number[],
  states?: (layer: number, state: Float32Array) => void,
): Float32Array {
  cache.append(tokens.length);
  return model.forward([{ cache, tokens, states }])[0]!;
}

/**
 * A text of which the part from `at` on was read on its own, behind a <bos>, and is put behind the rest.
 * @param turned whether its keys are turned to their new place
 * @returns a new cache; the caller releases it
 */
export function joined(
  model: Model,
  tokens: readonly number[],
  at: number,
  { turned = true }: { readonly turned?: boolean } = {},
): KVCache {
  const cache = readWhole(model, tokens.slice(0, at));
  const alone = readWhole(model, [model.config.bos, ...tokens.slice(at)]);
  cache.splice(alone, 1, alone.length, turned);
  alone.release();
  return cache;
}
