import type { Fields } from './fields.ts';
import { headDim, kvHeads, layerCount, tally } from './heads.ts';
import { Refusal, type Architecture, type Part } from './types.ts';

/** Gemma: the last layers read what the last earlier layer of their kind wrote. Layers that see all may have wider and fewer heads. */
function gemma(fields: Fields): Part[] {
  const shared = fields.has('num_kv_shared_layers') ? fields.count('num_kv_shared_layers') : 0;
  const layers = layerCount(fields);
  if (shared >= layers) throw new Refusal(`num_kv_shared_layers is ${shared} of ${layers} layers.`);
  const types = fields.perLayer('layer_types').slice(0, layers - shared);
  const counts = tally('layer_types', types, ['full_attention', 'sliding_attention']);
  const [heads, dim] = [kvHeads(fields), headDim(fields)];
  const wide = fields.has('global_head_dim') ? fields.count('global_head_dim') : dim;
  // Even where values are made by the keys' weights, both are kept: keys are rotated and normalized, values are not.
  const few =
    fields.has('attention_k_eq_v') && fields.has('num_global_key_value_heads')
      ? fields.count('num_global_key_value_heads')
      : heads;
  fields.ignore('num_global_key_value_heads');
  const window = fields.count('sliding_window');
  return [
    {
      kind: 'heads',
      layers: counts.full_attention,
      kvHeads: few,
      keys: wide,
      values: wide,
      note: 'layers that see all',
    },
    {
      kind: 'heads',
      layers: counts.sliding_attention,
      kvHeads: heads,
      keys: dim,
      values: dim,
      window,
      note: 'layers with a window',
    },
    ...(shared ? [{ kind: 'nothing' as const, layers: shared, note: 'layers that read another’s' }] : []),
  ];
}

/** Cross-layer attention: of `cla_share_factor` layers in a row, the first writes and all read. */
function crossLayer(fields: Fields): Part[] {
  const layers = layerCount(fields);
  const writing = fields.has('use_cla') ? Math.ceil(layers / fields.count('cla_share_factor')) : layers;
  const [heads, dim] = [kvHeads(fields), headDim(fields)];
  return [
    { kind: 'heads', layers: writing, kvHeads: heads, keys: dim, values: dim, note: 'layers that write' },
    ...(writing < layers
      ? [{ kind: 'nothing' as const, layers: layers - writing, note: 'layers that read another’s' }]
      : []),
  ];
}

export const sharedLayers: Architecture = {
  name: 'shared-layers',
  title: 'layers that share a cache',
  modelTypes: ['gemma3n', 'gemma3n_text', 'gemma4', 'gemma4_text', 'hunyuan'],
  parts: (fields) => (fields.text('model_type') === 'hunyuan' ? crossLayer(fields) : gemma(fields)),
};
