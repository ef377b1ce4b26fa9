import type { Layer, Tensor, TensorName } from './types.ts';

/** A tensor that the policy cannot do without. Whoever checked `needs` first never sees this throw. */
export function tensor(layer: Layer, name: TensorName): Tensor {
  const found = layer.tensor(name);
  if (!found) throw new Error(`The layer has no ${name}.`);
  return found;
}
