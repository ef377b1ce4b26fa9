/** The part of a Hugging Face Llama `config.json` that the forward pass reads. */
export interface Config {
  readonly id: string;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly inner: number;
  readonly vocabulary: number;
  readonly ropeTheta: number;
  readonly eps: number;
}

const fields = {
  hidden: 'hidden_size',
  layers: 'num_hidden_layers',
  heads: 'num_attention_heads',
  kvHeads: 'num_key_value_heads',
  headDim: 'head_dim',
  inner: 'intermediate_size',
  vocabulary: 'vocab_size',
  ropeTheta: 'rope_theta',
  eps: 'rms_norm_eps',
} as const satisfies Partial<Record<keyof Config, string>>;

/** @throws Error naming the first field that is missing, not a positive number, or does not fit the others */
export function readConfig(id: string, json: Readonly<Record<string, unknown>>): Config {
  const numbers = Object.fromEntries(
    Object.entries(fields).map(([name, key]) => {
      const value = json[key];
      if (typeof value !== 'number' || !(value > 0))
        throw new Error(`config.json of ${id}: ${key} must be a positive number, found ${JSON.stringify(value)}.`);
      return [name, value];
    }),
  ) as Omit<Record<keyof Config, number>, 'id'>;
  if (numbers.heads % numbers.kvHeads)
    throw new Error(
      `config.json of ${id}: ${numbers.heads} query heads do not divide into ${numbers.kvHeads} KV heads.`,
    );
  return { id, ...numbers };
}
