import type { Layer, Tensor, TensorName } from './eviction/types.ts';
import type { Model } from './model/model.ts';
import type { Prefilled } from './prefill.ts';

/**
 * One layer of a prefilled cache as a policy sees it. Tensors are made when first asked for, and kept: scores do not change while
 * a reader drags the budget.
 * @param future [heads, rows, seq] of this layer: the attention that the answer will pay under the full cache
 */
export function layerView(
  model: Model,
  prefilled: Prefilled,
  layer: number,
  future: () => Tensor,
  attentions: (layer: number) => Tensor,
): Layer {
  const { heads, kvHeads, headDim, layers, ropeTheta } = model.config;
  const { cache, queries } = prefilled;
  const seq = cache.length;
  const gather = (side: 'keys' | 'values'): Tensor => {
    const data = new Float32Array(kvHeads * seq * headDim);
    for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
      const rows = cache.store[side](layer * kvHeads + kvHead);
      for (let j = 0; j < seq; j++) {
        const slot = cache.slotOf(j);
        data.set(rows.subarray(slot * headDim, (slot + 1) * headDim), (kvHead * seq + j) * headDim);
      }
    }
    return { shape: [kvHeads, seq, headDim], data };
  };
  const makers: Partial<Record<TensorName, () => Tensor>> = {
    keys: () => gather('keys'),
    values: () => gather('values'),
    queries: () => ({ shape: [heads, seq, headDim], data: queries[layer]! }),
    future_attentions: future,
  };
  const made = new Map<TensorName, Tensor>();
  return {
    seq,
    heads,
    kvHeads,
    headDim,
    layer,
    layers,
    ropeTheta,
    tensor(name) {
      if (name === 'attentions') return attentions(layer);
      const tensor = made.get(name) ?? makers[name]?.();
      if (tensor) made.set(name, tensor);
      return tensor;
    },
  };
}

/**
 * Attention matrices of a prompt, one layer at a time in one buffer: at 1,024 tokens a layer takes 32 MB. Ask for all that is needed of a
 * layer before going to the next.
 */
export function attentionMatrices(model: Model, prefilled: Prefilled): (layer: number) => Tensor {
  const { heads } = model.config;
  const seq = prefilled.cache.length;
  let buffer: Float32Array | undefined;
  let current = -1;
  return (layer) => {
    buffer ??= new Float32Array(heads * seq * seq);
    if (layer !== current) fillAttentions(buffer, model, prefilled, layer);
    current = layer;
    return { shape: [heads, seq, seq], data: buffer };
  };
}

/** @param all [heads, seq, seq], receives the causal attention of the prompt, computed again from its queries and keys */
function fillAttentions(all: Float32Array, model: Model, { cache, queries }: Prefilled, layer: number): void {
  const { heads, kvHeads, headDim } = model.config;
  const seq = cache.length;
  const group = heads / kvHeads;
  const scratch = model.scratch();
  for (let row = 0; row < seq; row++) {
    for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
      const first = kvHead * group;
      for (let g = 0; g < group; g++) {
        const at = ((first + g) * seq + row) * headDim;
        scratch.query.set(queries[layer]!.subarray(at, at + headDim), g * headDim);
      }
      const head = layer * kvHeads + kvHead;
      model.kernels.attend(
        scratch.out,
        scratch.query,
        cache.store.keys(head),
        cache.store.values(head),
        cache.slots(head),
        row + 1,
        group,
        headDim,
        scratch.probs,
      );
      for (let g = 0; g < group; g++) {
        all.set(scratch.probs.subarray(g * (row + 1), (g + 1) * (row + 1)), ((first + g) * seq + row) * seq);
      }
    }
  }
}
