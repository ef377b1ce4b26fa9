import type { Address, Heap } from '../kernels/heap.ts';
import type { Config } from './config.ts';
import { readSafetensors } from './safetensors.ts';

/** Where the matrices of a layer begin in the heap. */
export interface LayerWeights {
  readonly inputNorm: Address; // [hidden]
  readonly query: Address; // [heads * headDim, hidden]
  readonly key: Address; // [kvHeads * headDim, hidden]
  readonly value: Address; // [kvHeads * headDim, hidden]
  readonly output: Address; // [hidden, heads * headDim]
  readonly postNorm: Address; // [hidden]
  readonly gate: Address; // [inner, hidden]
  readonly up: Address; // [inner, hidden]
  readonly down: Address; // [hidden, inner]
}

export interface Weights {
  readonly embedding: Address; // [vocabulary, hidden], also the output matrix
  readonly layers: readonly LayerWeights[];
  readonly norm: Address; // [hidden]
}

/**
 * Copies the tensors of a LlamaForCausalLM file into the heap.
 * @throws Error naming a tensor that is missing or has another shape than the config says, or one that nothing would read
 */
export function readWeights(config: Config, file: Uint8Array, heap: Heap): Weights {
  const { tensors } = readSafetensors(file);
  const take = (name: string, ...shape: number[]): Address => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`The weights of ${config.id} lack the tensor ${name}.`);
    if (tensor.shape.join() !== shape.join()) {
      throw new Error(`${name} of ${config.id} has shape [${tensor.shape}], expected [${shape}].`);
    }
    tensors.delete(name);
    const address = heap.take(tensor.data.length);
    heap.floats(address, tensor.data.length).set(tensor.data);
    return address;
  };
  const { hidden, inner, heads, kvHeads, headDim, vocabulary } = config;
  const layer = (i: number): LayerWeights => ({
    inputNorm: take(`model.layers.${i}.input_layernorm.weight`, hidden),
    query: take(`model.layers.${i}.self_attn.q_proj.weight`, heads * headDim, hidden),
    key: take(`model.layers.${i}.self_attn.k_proj.weight`, kvHeads * headDim, hidden),
    value: take(`model.layers.${i}.self_attn.v_proj.weight`, kvHeads * headDim, hidden),
    output: take(`model.layers.${i}.self_attn.o_proj.weight`, hidden, heads * headDim),
    postNorm: take(`model.layers.${i}.post_attention_layernorm.weight`, hidden),
    gate: take(`model.layers.${i}.mlp.gate_proj.weight`, inner, hidden),
    up: take(`model.layers.${i}.mlp.up_proj.weight`, inner, hidden),
    down: take(`model.layers.${i}.mlp.down_proj.weight`, hidden, inner),
  });
  const weights = {
    embedding: take('model.embed_tokens.weight', vocabulary, hidden),
    layers: Array.from({ length: config.layers }, (_, i) => layer(i)),
    norm: take('model.norm.weight', hidden),
  };
  const [unread] = tensors.keys();
  if (unread !== undefined)
    throw new Error(`The weights of ${config.id} hold ${unread}, which the forward pass would not read.`);
  return weights;
}
