import { headDim, kvHeads, layerCount, tally } from './heads.ts';
import { Refusal, type Architecture } from './types.ts';

/**
 * Every layer keeps keys and values of every token. Multi-head attention has a KV head for each query head, grouped-query attention fewer, and
 * multi-query attention one. Mixtures of experts are no exception: experts keep nothing.
 */
export const multiHead: Architecture = {
  name: 'multi-head',
  title: 'all tokens in every layer',
  modelTypes: [
    ...['llama', 'qwen2', 'qwen3', 'qwen3_moe', 'qwen3_vl_text', 'qwen3_vl_moe_text', 'qwen2_moe', 'mixtral', 'mimo'],
    ...['minimax_m2', 'glm4_moe', 'gemma', 'gpt2', 'olmo2', 'smollm3', 'hunyuan_v1_dense', 'hunyuan_v1_moe'],
  ],
  parts(fields) {
    if (fields.has('use_sliding_window'))
      throw new Refusal(
        'use_sliding_window is on, and which layers then have a window is not read here for this model.',
      );
    // Qwen2 and its kin name a window that is switched off by the field above. Hunyuan's dense models name a share factor without using it.
    fields.ignore('sliding_window', 'max_window_layers', 'layer_types', 'no_rope_layers', 'cla_share_factor');
    // MiniMax lists the kind of every layer, and M2 has attention in all.
    if (fields.has('attn_type_list')) tally('attn_type_list', fields.list('attn_type_list'), [1]);
    const [heads, dim] = [kvHeads(fields), headDim(fields)];
    return [{ kind: 'heads', layers: layerCount(fields), kvHeads: heads, keys: dim, values: dim, note: 'every layer' }];
  },
};
