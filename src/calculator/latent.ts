import { layerCount } from './heads.ts';
import type { Architecture, Part } from './types.ts';

/** Bytes that one index key takes beside its own: a 32-bit scale for each 128 numbers, which are written at 8 bits. */
const scaleBytes = (numbers: number) => Math.floor(numbers / 128) * 4;

/**
 * Multi-head latent attention keeps one row a token and layer: the latent, and the part of the key that carries the position. There are no separate values,
 * and the number of heads does not matter. Models with an indexer also keep its keys, at 8 bits with a scale, as vLLM and SGLang store them.
 */
export const latent: Architecture = {
  name: 'latent',
  title: 'one latent row a token',
  modelTypes: ['deepseek_v2', 'deepseek_v3', 'deepseek_v32', 'kimi_k2', 'glm_moe_dsa', 'glm4_moe_lite'],
  parts(fields) {
    fields.ignore('num_attention_heads', 'num_key_value_heads', 'head_dim', 'hidden_size');
    fields.ignore('qk_nope_head_dim', 'qk_head_dim', 'v_head_dim', 'q_lora_rank', 'index_n_heads', 'index_topk');
    fields.ignore('indexer_rope_interleave');
    const layers = layerCount(fields);
    const width = fields.count('kv_lora_rank') + fields.count('qk_rope_head_dim');
    const parts: Part[] = [{ kind: 'latent', layers, width, note: 'latent and rotated key' }];
    if (fields.has('index_head_dim')) {
      const numbers = fields.count('index_head_dim');
      parts.push({ kind: 'fixed', layers, bytes: numbers + scaleBytes(numbers), note: 'keys of the indexer, 8 bits' });
    }
    return parts;
  },
};
