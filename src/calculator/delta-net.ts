import type { Fields } from './fields.ts';
import { headDim, kvHeads, layerCount, tally } from './heads.ts';
import { Refusal, type Architecture } from './types.ts';

function fullLayers(fields: Fields): number {
  const layers = layerCount(fields);
  if (fields.has('layer_types')) {
    fields.ignore('full_attention_interval');
    return tally('layer_types', fields.perLayer('layer_types'), ['full_attention', 'linear_attention']).full_attention;
  }
  return Math.floor(layers / fields.count('full_attention_interval'));
}

/**
 * Most layers are gated delta rules, which keep a state of one size for a sequence of any length; only every fourth layer or so keeps keys and values.
 * The state is a matrix of each value head, and the last inputs of a short convolution. llama.cpp holds both as 32-bit floats.
 */
export const deltaNet: Architecture = {
  name: 'delta-net',
  title: 'linear attention in most layers',
  modelTypes: ['qwen3_next', 'qwen3_5', 'qwen3_5_text', 'qwen3_5_moe', 'qwen3_5_moe_text'],
  parts(fields) {
    if (fields.has('use_sliding_window'))
      throw new Refusal('use_sliding_window is on, which is not read here for this model.');
    fields.ignore('mamba_ssm_dtype', 'attn_output_gate', 'mtp_num_hidden_layers');
    const full = fullLayers(fields);
    const [keyWidth, valueWidth] = [fields.count('linear_key_head_dim'), fields.count('linear_value_head_dim')];
    const [keyHeads, valueHeads] = [fields.count('linear_num_key_heads'), fields.count('linear_num_value_heads')];
    const channels = 2 * keyHeads * keyWidth + valueHeads * valueWidth;
    const numbers = valueHeads * keyWidth * valueWidth + (fields.count('linear_conv_kernel_dim') - 1) * channels;
    const dim = headDim(fields);
    return [
      { kind: 'heads', layers: full, kvHeads: kvHeads(fields), keys: dim, values: dim, note: 'layers with attention' },
      { kind: 'state', layers: layerCount(fields) - full, numbers, note: 'layers with a state' },
    ];
  },
};
