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
  /** Token that begins every text, and token that ends an answer. */
  readonly bos: number;
  readonly stop: number;
  /** [layers * kvHeads] what each KV head is worth to answers, where somebody measured it (`headWorth`): a field of our own. */
  readonly worth?: readonly number[] | undefined;
}

type Json = Readonly<Record<string, unknown>>;

const counts = {
  hidden: 'hidden_size',
  layers: 'num_hidden_layers',
  heads: 'num_attention_heads',
  kvHeads: 'num_key_value_heads',
  headDim: 'head_dim',
  inner: 'intermediate_size',
  vocabulary: 'vocab_size',
} as const satisfies Partial<Record<keyof Config, string>>;

/** What the forward pass computes: a field with another value would be computed wrongly, and is refused. */
const required: readonly (readonly [key: string, allowed: readonly unknown[], what: string])[] = [
  ['model_type', ['llama', undefined], 'only Llama models are computed'],
  ['hidden_act', ['silu', undefined], 'only SiLU is computed'],
  ['tie_word_embeddings', [true], 'an output matrix of its own is not computed'],
  ['attention_bias', [false, null, undefined], 'biases are not computed'],
  ['mlp_bias', [false, null, undefined], 'biases are not computed'],
  ['rope_scaling', [null, undefined], 'scaled RoPE is not computed'],
  ['partial_rotary_factor', [1, null, undefined], 'RoPE on a part of a head is not computed'],
  ['sliding_window', [null, undefined], 'sliding windows are not computed'],
];

/**
 * @throws Error naming the first field that is missing, not what the forward pass computes, or does not fit the others
 */
export function readConfig(id: string, json: Json): Config {
  const fail = (problem: string): never => {
    throw new Error(`config.json of ${id}: ${problem}.`);
  };
  for (const [key, allowed, what] of required) {
    if (!allowed.includes(json[key])) fail(`${key} is ${JSON.stringify(json[key])}, and ${what}`);
  }
  const whole = (key: string, low: number): number => {
    const value = json[key];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= low) return value;
    return fail(`${key} must be a whole number of at least ${low}, found ${JSON.stringify(value)}`);
  };
  const positive = (key: string, value: unknown): number =>
    typeof value === 'number' && Number.isFinite(value) && value > 0
      ? value
      : fail(`${key} must be a positive number, found ${JSON.stringify(value)}`);
  const numbers = Object.fromEntries(Object.entries(counts).map(([name, key]) => [name, whole(key, 1)])) as Record<
    keyof typeof counts,
    number
  >;
  const { heads, kvHeads } = numbers;
  if (heads % kvHeads) fail(`${heads} query heads do not divide into ${kvHeads} KV heads`);
  for (const name of ['hidden', 'headDim', 'inner'] as const) {
    if (numbers[name] % 4) fail(`${counts[name]} must be a multiple of 4, found ${numbers[name]}`);
  }
  // Newer files keep it in `rope_parameters`, beside whatever else they do to positions.
  const parameters = (json['rope_parameters'] ?? {}) as Json;
  const { rope_type: kind = 'default', rope_theta: theta = json['rope_theta'], ...others } = parameters;
  if (kind !== 'default' || Object.keys(others).length) {
    fail(`rope_parameters is ${JSON.stringify(parameters)}, and only plain RoPE is computed`);
  }
  const token = (key: string): number => {
    const id = whole(key, 0);
    return id < numbers.vocabulary ? id : fail(`${key} is ${id}, and there are ${numbers.vocabulary} tokens`);
  };
  return {
    id,
    ...numbers,
    ropeTheta: positive('rope_theta', theta),
    eps: positive('rms_norm_eps', json['rms_norm_eps']),
    bos: token('bos_token_id'),
    stop: token('eos_token_id'),
    worth: readWorth(json['head_worth'], numbers.layers, numbers.kvHeads, fail),
  };
}

/** Nothing is computed from it, so a model without it is as good; one that fits another model is refused all the same. */
function readWorth(grid: unknown, layers: number, kvHeads: number, fail: (problem: string) => never) {
  if (grid === undefined) return undefined;
  const rows = Array.isArray(grid) ? (grid as unknown[]) : [];
  const worth = rows.flat() as unknown[];
  const fits = rows.length === layers && rows.every((row) => Array.isArray(row) && row.length === kvHeads);
  const counts = worth.every((value): value is number => typeof value === 'number' && value >= 0 && value < Infinity);
  if (!fits || !counts) return fail(`head_worth must be ${layers} lists of ${kvHeads} numbers from 0 on`);
  return worth as readonly number[];
}
