import type { SafeTensors } from '../model/safetensors.ts';
import { parseNumber } from '../settings.ts';
import type { Layer, Policy, TensorName } from './types.ts';

/**
 * One attention layer of any model, recorded in a safetensors file: what the command line scores, and what a reader may drop on the page.
 * Each size has a name, and wherever a name occurs the sizes must agree.
 */
const shapes: Readonly<Record<TensorName, readonly string[]>> = {
  keys: ['kv_heads', 'seq', 'head_dim'],
  values: ['kv_heads', 'seq', 'head_dim'],
  keys_prerope: ['kv_heads', 'seq', 'head_dim'],
  queries: ['heads', 'rows', 'head_dim'],
  queries_prerope: ['heads', 'rows before RoPE', 'head_dim'],
  attentions: ['heads', 'seq', 'seq'],
  hidden_states: ['seq', 'hidden'],
  output_projection: ['hidden', 'heads * head_dim'],
  inv_freq: ['head_dim / 2'],
  future_attentions: ['heads', 'answering rows', 'seq'],
};

type Sizes = Map<string, { readonly size: number; readonly from: string }>;

/**
 * The layer in a trace. Tensors with other names are passed over. Metadata strings: `rope_theta` (10000 where missing), `layer` (0), `layers`
 * (layer + 1) and `kv_heads`, which a trace with attentions alone needs where heads share keys: without it, every head has its own.
 * Likewise there are as many heads as KV heads where no tensor tells, and `headDim` is 0.
 * Throws an Error that says which tensors do not fit together.
 */
export function traceLayer({ tensors, metadata }: SafeTensors): Layer {
  const sizes: Sizes = new Map();
  if (metadata['kv_heads'] !== undefined) note(sizes, 'kv_heads', whole(metadata, 'kv_heads', 1, 1), 'the metadata');
  for (const [name, dims] of Object.entries(shapes)) {
    const shape = tensors.get(name)?.shape;
    if (shape) noteShape(sizes, name, dims, shape);
  }
  const layer = whole(metadata, 'layer', 0, 0);
  const layers = whole(metadata, 'layers', layer + 1, layer + 1);
  return { ...resolve(sizes), layer, layers, ropeTheta: ropeTheta(metadata), tensor: (name) => tensors.get(name) };
}

/** What keeps a policy from running on these tensors, as a sentence: its alternatives, and what each of them lacks. Undefined when nothing does. */
export function missingTensors(policy: Policy, has: (name: TensorName) => boolean): string | undefined {
  const lacking = policy.needs.map((row) => row.filter((name) => !has(name)));
  if (lacking.some((names) => names.length === 0)) return undefined;
  const needs = policy.needs.map((row) => row.join(' and ')).join(', or ');
  return `${policy.name} needs ${needs}; missing: ${lacking.map((names) => names.join(' and ')).join(', or ')}`;
}

function noteShape(sizes: Sizes, tensor: string, dims: readonly string[], shape: readonly number[]): void {
  if (shape.length !== dims.length || shape.includes(0))
    throw new Error(`${tensor} must be [${dims.join(', ')}], not [${shape.join(', ')}]`);
  dims.forEach((dim, axis) => note(sizes, dim, shape[axis]!, tensor));
}

function note(sizes: Sizes, dim: string, size: number, from: string): void {
  const known = sizes.get(dim);
  if (known && known.size !== size) throw new Error(`${dim} is ${known.size} in ${known.from}, but ${size} in ${from}`);
  sizes.set(dim, known ?? { size, from });
}

/** Settles what no tensor states, and checks what ties one size to another. */
function resolve(sizes: Sizes): Pick<Layer, 'seq' | 'heads' | 'kvHeads' | 'headDim'> {
  const read = (dim: string) => sizes.get(dim)?.size;
  const seq = read('seq') ?? reject('no tensor gives the number of tokens (keys, values or attentions would)');
  const kvHeads =
    read('kv_heads') ??
    read('heads') ??
    reject('no tensor gives the number of KV heads (keys, values or attentions would)');
  const half = read('head_dim / 2');
  const headDim = read('head_dim') ?? (half ?? 0) * 2;
  const width = read('heads * head_dim');
  const heads = read('heads') ?? (width && headDim ? width / headDim : kvHeads);
  const rows = Math.max(read('rows') ?? 0, read('rows before RoPE') ?? 0);
  if (heads % kvHeads !== 0) reject(`heads (${heads}) is not a multiple of kv_heads (${kvHeads})`);
  if (rows > seq) reject(`there are queries of ${rows} positions and a cache of ${seq}`);
  if (half !== undefined && half * 2 !== headDim) reject(`inv_freq has ${half} numbers, and head_dim is ${headDim}`);
  if (width && headDim && width !== heads * headDim) {
    reject(`output_projection has ${width} columns, and heads * head_dim is ${heads} * ${headDim}`);
  }
  return { seq, heads, kvHeads, headDim };
}

function reject(problem: string): never {
  throw new Error(problem);
}

function whole(metadata: Readonly<Record<string, string>>, key: string, lowest: number, fallback: number): number {
  const text = metadata[key];
  const number = text === undefined ? fallback : parseNumber(text);
  if (number !== undefined && Number.isSafeInteger(number) && number >= lowest) return number;
  return reject(`metadata ${key} must be a whole number of at least ${lowest}, not "${text}"`);
}

function ropeTheta({ rope_theta: text }: Readonly<Record<string, string>>): number {
  const theta = text === undefined ? 10000 : parseNumber(text);
  return theta !== undefined && theta > 0
    ? theta
    : reject(`metadata rope_theta must be a number above 0, not "${text}"`);
}
