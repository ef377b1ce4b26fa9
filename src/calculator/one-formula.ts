import type { Config } from './fields.ts';

const count = (value: unknown): number | undefined => (typeof value === 'number' && value > 0 ? value : undefined);

/**
 * Numbers of a token by 2 × layers × KV heads × ⌊hidden size / heads⌋, which is right for Llama and wrong for most models since. It stands here to show by how
 * much (unslothai/unsloth pull request 4757 lists cases).
 */
export function oneFormula(config: Config): number | undefined {
  const layers = count(config['num_hidden_layers']) ?? count(config['n_layer']);
  const hidden = count(config['hidden_size']) ?? count(config['n_embd']);
  const heads = count(config['num_attention_heads']) ?? count(config['n_head']);
  if (!layers || !hidden || !heads) return undefined;
  return 2 * layers * (count(config['num_key_value_heads']) ?? heads) * Math.floor(hidden / heads);
}
