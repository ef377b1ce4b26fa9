import type { Fields } from './fields.ts';
import { Refusal } from './types.ts';

/** Numbers of one head. Many models say it outright, and then it is often not hidden size over heads: Qwen3-0.6B has 128, and 1024 / 16 is 64. */
export function headDim(fields: Fields): number {
  const hidden = fields.count('hidden_size', 'n_embd');
  const heads = fields.count('num_attention_heads', 'n_head');
  if (fields.has('head_dim') || fields.has('attention_head_dim')) return fields.count('head_dim', 'attention_head_dim');
  if (hidden % heads)
    throw new Refusal(`head_dim is missing, and hidden_size ${hidden} is no multiple of ${heads} attention heads.`);
  return hidden / heads;
}

/** KV heads of a layer: as many as there are query heads where nothing else is said. */
export const kvHeads = (fields: Fields): number =>
  fields.has('num_key_value_heads')
    ? fields.count('num_key_value_heads')
    : fields.count('num_attention_heads', 'n_head');

export const layerCount = (fields: Fields): number => fields.count('num_hidden_layers', 'n_layer');

/** How many entries of a list are each value. @throws Refusal at a value that is not one of `known` */
export function tally<T extends string | number>(
  name: string,
  list: readonly unknown[],
  known: readonly T[],
): Record<T, number> {
  const counts = Object.fromEntries(known.map((value) => [value, 0])) as Record<T, number>;
  for (const entry of list) {
    const value = known.find((each) => each === entry);
    if (value === undefined)
      throw new Refusal(`${name} has ${JSON.stringify(entry) ?? 'nothing'}, which is not known here.`);
    counts[value]++;
  }
  return counts;
}
