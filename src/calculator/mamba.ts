import type { Fields } from './fields.ts';
import { headDim, kvHeads, layerCount, tally } from './heads.ts';
import { Refusal, type Architecture } from './types.ts';

interface Mixture {
  readonly attention: number;
  readonly mamba: number;
  readonly layers: number;
  /** 32-bit floats that one Mamba layer keeps of a sequence: its state, and the last inputs of its convolution. */
  readonly numbers: number;
}

/** Mamba in its first form: every channel has a state of its own. */
function jamba(fields: Fields): Mixture {
  const layers = layerCount(fields);
  const period = fields.count('attn_layer_period');
  const offset = fields.has('attn_layer_offset') ? fields.count('attn_layer_offset') : 0;
  const attention = Array.from({ length: layers }, (_, i) => i).filter((i) => i % period === offset).length;
  const channels = fields.count('mamba_expand') * fields.count('hidden_size');
  const numbers = channels * (fields.count('mamba_d_state') + fields.count('mamba_d_conv') - 1);
  fields.ignore('mamba_dt_rank', 'mamba_proj_bias', 'mamba_conv_bias', 'use_mamba_kernels', 'sliding_window');
  return { attention, mamba: layers - attention, layers, numbers };
}

/** How many layers are attention, and how many Mamba. A pattern has M for Mamba, * for attention, and E and - for layers that keep nothing. */
function counted(fields: Fields): { attention: number; mamba: number; layers: number } {
  if (fields.has('layers_block_type')) {
    const list = fields.list('layers_block_type');
    const { attention, mamba } = tally('layers_block_type', list, ['attention', 'mamba', 'moe', 'mlp']);
    return { attention, mamba, layers: list.length };
  }
  const pattern = [...fields.text('hybrid_override_pattern')];
  const counts = tally('hybrid_override_pattern', pattern, ['M', '*', 'E', '-']);
  return { attention: counts['*'], mamba: counts.M, layers: pattern.length };
}

/** Mamba-2: heads with a state each. */
function nemotron(fields: Fields): Mixture {
  const channels = fields.count('mamba_num_heads') * fields.count('mamba_head_dim');
  const state = fields.count('ssm_state_size');
  const inputs = channels + 2 * fields.count('n_groups') * state;
  fields.ignore('use_mamba_kernels', 'mamba_hidden_act', 'mamba_proj_bias', 'chunk_size', 'use_conv_bias');
  fields.ignore('mamba_ssm_cache_dtype', 'num_hidden_layers');
  return { ...counted(fields), numbers: channels * state + (fields.count('conv_kernel') - 1) * inputs };
}

/** Mamba layers keep a state of one size; only the few attention layers between them keep keys and values. */
export const mamba: Architecture = {
  name: 'mamba',
  title: 'Mamba in most layers',
  modelTypes: ['jamba', 'nemotron_h'],
  parts(fields) {
    if (fields.has('sliding_window'))
      throw new Refusal('sliding_window is set, which is not read here for this model.');
    const mixture = fields.text('model_type') === 'jamba' ? jamba(fields) : nemotron(fields);
    const dim = headDim(fields);
    const rest = mixture.layers - mixture.attention - mixture.mamba;
    return [
      {
        kind: 'heads',
        layers: mixture.attention,
        kvHeads: kvHeads(fields),
        keys: dim,
        values: dim,
        note: 'layers with attention',
      },
      { kind: 'state', layers: mixture.mamba, numbers: mixture.numbers, note: 'layers with a state' },
      ...(rest ? [{ kind: 'nothing' as const, layers: rest, note: 'layers without either' }] : []),
    ];
  },
};
