import type { Kernels } from '../kernels/types.ts';
import type { Config } from './config.ts';
import { readSafetensors } from './safetensors.ts';

export interface LayerWeights {
  readonly inputNorm: Float32Array; // [hidden]
  readonly query: Float32Array; // [heads * headDim, hidden]
  readonly key: Float32Array; // [kvHeads * headDim, hidden]
  readonly value: Float32Array; // [kvHeads * headDim, hidden]
  readonly output: Float32Array; // [hidden, heads * headDim]
  readonly postNorm: Float32Array; // [hidden]
  readonly gate: Float32Array; // [inner, hidden]
  readonly up: Float32Array; // [inner, hidden]
  readonly down: Float32Array; // [hidden, inner]
}

export interface Weights {
  readonly embedding: Float32Array; // [vocabulary, hidden], also the output matrix
  readonly layers: readonly LayerWeights[];
  readonly norm: Float32Array; // [hidden]
}

/**
 * Copies the tensors of a LlamaForCausalLM file into memory that the kernels reach.
 * @throws Error naming a tensor that is missing or has another shape than the config says
 */
export function readWeights(config: Config, file: Uint8Array, kernels: Kernels): Weights {
  const { tensors } = readSafetensors(file);
  const take = (name: string, ...shape: number[]) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`The weights of ${config.id} lack the tensor ${name}.`);
    if (tensor.shape.join() !== shape.join())
      throw new Error(`${name} of ${config.id} has shape [${tensor.shape}], expected [${shape}].`);
    const data = kernels.floats(tensor.data.length);
    data.set(tensor.data);
    return data;
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
  return {
    embedding: take('model.embed_tokens.weight', vocabulary, hidden),
    layers: Array.from({ length: config.layers }, (_, i) => layer(i)),
    norm: take('model.norm.weight', hidden),
  };
}
