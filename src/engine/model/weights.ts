import type { Address, Heap } from '../kernels/heap.ts';
import { packPanels, panelWords } from '../kernels/panels.ts';
import type { Config } from './config.ts';
import { readSafetensors } from './safetensors.ts';

/** Where the matrices of a layer, packed for `linear`, begin in the heap. */
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
  const find = (name: string, ...shape: number[]): Float32Array => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`The weights of ${config.id} lack the tensor ${name}.`);
    if (tensor.shape.join() !== shape.join()) {
      throw new Error(`${name} of ${config.id} has shape [${tensor.shape}], expected [${shape}].`);
    }
    tensors.delete(name);
    return tensor.data;
  };
  const take = (name: string, length: number): Address => {
    const address = heap.take(length);
    heap.floats(address, length).set(find(name, length));
    return address;
  };
  const takeMatrix = (name: string, outDim: number, inDim: number): Address => {
    const words = panelWords(outDim, inDim);
    const address = heap.take(words);
    packPanels(heap.floats(address, words), find(name, outDim, inDim), inDim);
    return address;
  };
  const { hidden, inner, heads, kvHeads, headDim, vocabulary } = config;
  const layer = (i: number): LayerWeights => ({
    inputNorm: take(`model.layers.${i}.input_layernorm.weight`, hidden),
    query: takeMatrix(`model.layers.${i}.self_attn.q_proj.weight`, heads * headDim, hidden),
    key: takeMatrix(`model.layers.${i}.self_attn.k_proj.weight`, kvHeads * headDim, hidden),
    value: takeMatrix(`model.layers.${i}.self_attn.v_proj.weight`, kvHeads * headDim, hidden),
    output: takeMatrix(`model.layers.${i}.self_attn.o_proj.weight`, hidden, heads * headDim),
    postNorm: take(`model.layers.${i}.post_attention_layernorm.weight`, hidden),
    gate: takeMatrix(`model.layers.${i}.mlp.gate_proj.weight`, inner, hidden),
    up: takeMatrix(`model.layers.${i}.mlp.up_proj.weight`, inner, hidden),
    down: takeMatrix(`model.layers.${i}.mlp.down_proj.weight`, hidden, inner),
  });
  const weights = {
    embedding: takeMatrix('model.embed_tokens.weight', vocabulary, hidden),
    layers: Array.from({ length: config.layers }, (_, i) => layer(i)),
    norm: take('model.norm.weight', hidden),
  };
  const [unread] = tensors.keys();
  if (unread !== undefined)
    throw new Error(`The weights of ${config.id} hold ${unread}, which the forward pass would not read.`);
  return weights;
}
