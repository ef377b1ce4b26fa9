import type { LayerView } from './types.ts';

const known = new WeakMap<LayerView, Map<string, unknown>>();

/**
 * What is computed of a layer whatever the budget, by rules of which another part depends on it: computed once, and kept for as long as the layer is.
 * @param key what it is, with all the settings that it depends on @param compute what nobody changes afterwards
 */
export function once<T>(layer: LayerView, key: string, compute: () => T): T {
  let all = known.get(layer);
  if (!all) known.set(layer, (all = new Map<string, unknown>()));
  if (!all.has(key)) all.set(key, compute());
  return all.get(key) as T;
}
