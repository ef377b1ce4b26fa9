import type { Fields } from './fields.ts';
import { headDim, kvHeads, tally } from './heads.ts';
import { Refusal, type Architecture, type Part } from './types.ts';

interface Kinds {
  readonly full: number;
  readonly windowed: number;
}

/** Every nth layer sees all, where a config says only that, or nothing because the model's code does. */
const everyNth: Record<string, number> = { gemma2: 2, gemma3: 6, gemma3_text: 6, cohere2: 4, llama4_text: 4 };

function kinds(fields: Fields): Kinds {
  const layers = fields.count('num_hidden_layers');
  if (fields.has('layer_types')) {
    const types = ['full_attention', 'sliding_attention', 'chunked_attention'] as const;
    const counts = tally('layer_types', fields.perLayer('layer_types'), types);
    fields.ignore('sliding_window_pattern', 'no_rope_layers');
    return { full: counts.full_attention, windowed: layers - counts.full_attention };
  }
  if (fields.has('hybrid_layer_pattern')) {
    const windowed = tally('hybrid_layer_pattern', fields.perLayer('hybrid_layer_pattern'), [0, 1])[1];
    return { full: layers - windowed, windowed };
  }
  const nth = fields.has('sliding_window_pattern')
    ? fields.count('sliding_window_pattern')
    : everyNth[fields.text('model_type')];
  // Llama 4 lists the layers without positions instead: those see all.
  fields.ignore('no_rope_layers');
  const full = nth === undefined ? 0 : Math.floor(layers / nth);
  return { full, windowed: layers - full };
}

/** Whether the windows are used: Qwen and Phi name some that are switched off. */
function windowOf(fields: Fields): number | undefined {
  const names = ['sliding_window', 'sliding_window_size', 'attention_chunk_size'];
  if (!names.some((name) => fields.has(name))) return undefined;
  const window = fields.count(...names);
  fields.ignore(...names);
  return window;
}

/**
 * Some layers, or all, keep only the newest tokens. Which they are stands in a list, in a pattern, or in the model's code. A chunk, as in Llama 4, is a
 * window that begins anew: its length is the most that is kept.
 */
export const slidingWindow: Architecture = {
  name: 'sliding-window',
  title: 'windows in some layers',
  modelTypes: [
    'mistral',
    'phi3',
    'gemma2',
    'gemma3',
    'gemma3_text',
    'cohere2',
    'gpt_oss',
    'llama4_text',
    'mimo_v2_flash',
  ],
  parts(fields) {
    const window = windowOf(fields);
    const layers = window === undefined ? fields.count('num_hidden_layers') : 0;
    const { full, windowed } = window === undefined ? { full: layers, windowed: 0 } : kinds(fields);
    const [heads, dim] = [kvHeads(fields), headDim(fields)];
    const values = fields.has('v_head_dim') ? fields.count('v_head_dim') : dim;
    const parts: Part[] = [];
    if (full)
      parts.push({ kind: 'heads', layers: full, kvHeads: heads, keys: dim, values, note: 'layers that see all' });
    if (windowed && window !== undefined)
      parts.push({
        ...windowedHeads(fields, heads, dim, values),
        layers: windowed,
        window,
        note: 'layers with a window',
      });
    if (!parts.length) throw new Refusal('No layer keeps anything by these fields.');
    return parts;
  },
};

/** Layers with a window may have heads of their own. */
function windowedHeads(fields: Fields, heads: number, dim: number, values: number) {
  const own = (name: string, otherwise: number) => (fields.has(name) ? fields.count(name) : otherwise);
  fields.ignore('swa_num_attention_heads');
  return {
    kind: 'heads' as const,
    kvHeads: own('swa_num_key_value_heads', heads),
    keys: own('swa_head_dim', dim),
    values: own('swa_v_head_dim', values),
  };
}
