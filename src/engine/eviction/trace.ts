import { Rope } from '../model/rope.ts';
import type { SafeTensors } from '../model/safetensors.ts';
import { parseNumber } from '../settings.ts';
import { groupMean } from './group-mean.ts';
import { outputNorms } from './output-norms.ts';
import type { LayerView, LearnedName, ScoreMember, Tensor, TensorName } from './types.ts';
import { dot, softmax } from './vectors.ts';

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
  future_attentions: ['heads', 'coming rows', 'seq'],
  repeat_attentions: ['heads', 'repeated rows', 'seq'],
  q_filters: ['kv_heads', 'head_dim'],
  query_centers: ['kv_heads', 'group * head_dim * 3 / 2'],
  attention_entropy: ['kv_heads'],
  eviction_error: ['kv_heads'],
  rule_cosines: ['kv_heads', 'rules'],
  span_attention: ['kv_heads', 'group'],
  head_scores: ['kv_heads'],
};

type Sizes = Map<string, { readonly size: number; readonly from: string }>;

/**
 * The layer in a trace, as rules see it. Tensors with other names are passed over. Metadata strings: `rope_theta` (10000 where missing), `layer` (0),
 * `layers` (layer + 1) and `kv_heads`, which a trace with attentions alone needs where heads share keys: without it, every head has its own.
 * Likewise there are as many heads as KV heads where no tensor tells, and `headDim` is 0. `inv_freq` goes before `rope_theta`; with either, queries and
 * keys before RoPE follow from those after it, and queries the other way round.
 * @throws Error that says which tensors do not fit together
 */
export function traceLayer({ tensors, metadata }: SafeTensors): LayerView {
  const sizes: Sizes = new Map();
  if (metadata['kv_heads'] !== undefined) note(sizes, 'kv_heads', whole(metadata, 'kv_heads', 1, 1), 'the metadata');
  for (const [name, dims] of Object.entries(shapes)) {
    const shape = tensors.get(name)?.shape;
    if (shape) noteShape(sizes, name, dims, shape);
  }
  const layer = whole(metadata, 'layer', 0, 0);
  const layers = whole(metadata, 'layers', layer + 1, layer + 1);
  const shape = resolve(sizes);
  const rope = new Rope(shape.headDim, ropeTheta(metadata), tensors.get('inv_freq')?.data);
  return new TraceLayer({ ...shape, layer, layers, rope }, tensors);
}

type Shape = Pick<LayerView, 'seq' | 'heads' | 'kvHeads' | 'headDim' | 'layer' | 'layers' | 'rope'>;

class TraceLayer implements LayerView {
  declare readonly seq: number;
  declare readonly heads: number;
  declare readonly kvHeads: number;
  declare readonly headDim: number;
  declare readonly layer: number;
  declare readonly layers: number;
  declare readonly rope: Rope;
  readonly counts: readonly number[];
  readonly #tensors: ReadonlyMap<string, Tensor>;
  /** Every row of attention that is there, once somebody asks row by row. */
  #known: Float64Array[] | undefined;

  constructor(shape: Shape, tensors: ReadonlyMap<string, Tensor>) {
    Object.assign(this, shape);
    this.counts = new Array<number>(shape.kvHeads).fill(shape.seq);
    this.#tensors = tensors;
  }

  #tensor(name: TensorName): Tensor {
    return this.#tensors.get(name) ?? reject(`The layer has no ${name}.`);
  }

  #rows(name: TensorName, kvHead: number): Float32Array {
    const size = this.seq * this.headDim;
    return this.#tensor(name).data.subarray(kvHead * size, (kvHead + 1) * size);
  }

  tokens(): Int32Array {
    return Int32Array.from({ length: this.seq }, (_, j) => j);
  }

  keys(kvHead: number): Float32Array {
    return this.#rows('keys', kvHead);
  }

  values(kvHead: number): Float32Array {
    return this.#rows('values', kvHead);
  }

  keysBeforeRope(kvHead: number): Float32Array {
    return this.#tensors.has('keys_prerope')
      ? this.#rows('keys_prerope', kvHead)
      : this.#turned(this.keys(kvHead), 0, -1);
  }

  queries(head: number, rows: number): Float32Array {
    return this.#tensors.has('queries')
      ? this.#newest('queries', head, rows)
      : this.#turned(this.#newest('queries_prerope', head, rows), this.seq - rows, 1);
  }

  queriesBeforeRope(head: number, rows: number): Float32Array {
    return this.#tensors.has('queries_prerope')
      ? this.#newest('queries_prerope', head, rows)
      : this.#turned(this.#newest('queries', head, rows), this.seq - rows, -1);
  }

  /** @param first position of the first row @param direction 1 as RoPE turns, -1 back */
  #turned(rows: Float32Array, first: number, direction: 1 | -1): Float32Array {
    const turned = rows.slice();
    for (let i = 0; i * this.headDim < rows.length; i++) {
      this.rope.rotate(turned, i * this.headDim, 1, direction * (first + i));
    }
    return turned;
  }

  /** A query head's rows of the last positions. */
  #newest(name: 'queries' | 'queries_prerope', head: number, rows: number): Float32Array {
    const { shape, data } = this.#tensor(name);
    const given = shape[1]!;
    if (given < rows) {
      throw new Error(`The queries of the last ${rows} positions are needed, and the layer has only ${given}.`);
    }
    return data.subarray(((head + 1) * given - rows) * this.headDim, (head + 1) * given * this.headDim);
  }

  attentionSums(rows: number, weigh?: (token: number) => number): Float64Array[] {
    const weights = Float64Array.from({ length: rows }, (_, i) => weigh?.(this.seq - rows + i) ?? 1);
    return this.attentionRows(this.seq - rows, this.seq).map((row) => columnSums(row, this.seq, weights));
  }

  /** Cut out of `attentions` where the trace has them, else computed from `queries` and `keys`; the two agree to the precision of what was stored. */
  attentionRows(from: number, to: number): Float64Array[] {
    const { seq, heads } = this;
    const attentions = this.#tensors.get('attentions');
    return Array.from({ length: heads }, (_, head) =>
      attentions
        ? Float64Array.from(attentions.data.subarray((head * seq + from) * seq, (head * seq + to) * seq))
        : this.#softmaxRows(head, seq - from).subarray(0, (to - from) * seq),
    );
  }

  attentionRow(token: number): readonly (Float32Array | Float64Array)[] {
    const { seq } = this;
    const first = this.#tensors.has('attentions') ? 0 : seq - this.#tensor('queries').shape[1]!;
    // Of a query that is not there, this says so.
    if (token < first) return this.attentionRows(token, token + 1);
    this.#known ??= this.attentionRows(first, seq);
    const at = (token - first) * seq;
    return this.#known.map((rows) => rows.subarray(at, at + token + 1));
  }

  outputNorms(): Float64Array[] {
    return outputNorms(this, this.#tensor('output_projection').data);
  }

  futurePeaks(): Float64Array[] {
    return groupMean(this.#heads('future_attentions'), this.kvHeads).map((rows) => columnPeaks(rows, this.seq));
  }

  repeatPeaks(): Float64Array[] {
    return this.#heads('repeat_attentions').map((rows) => columnPeaks(rows, this.seq));
  }

  learned(name: LearnedName): Float32Array {
    return this.#tensor(name).data;
  }

  /** For each query head [rows * seq]. */
  #heads(name: 'future_attentions' | 'repeat_attentions'): Float64Array[] {
    const { shape, data } = this.#tensor(name);
    const size = shape[1]! * this.seq;
    return Array.from({ length: this.heads }, (_, head) =>
      Float64Array.from(data.subarray(head * size, (head + 1) * size)),
    );
  }

  /** The causal attention of the last `rows` tokens. @returns [rows * seq], zero above the diagonal */
  #softmaxRows(head: number, rows: number): Float64Array {
    const { seq, headDim } = this;
    const queries = this.#newest('queries', head, rows);
    const keys = this.keys(Math.floor((head * this.kvHeads) / this.heads));
    const attention = new Float64Array(rows * seq);
    for (let i = 0; i < rows; i++) {
      const logits = attention.subarray(i * seq, i * seq + seq - rows + i + 1);
      for (let j = 0; j < logits.length; j++) {
        logits[j] = dot(queries, i * headDim, keys, j * headDim, headDim) / Math.sqrt(headDim);
      }
      softmax(logits);
    }
    return attention;
  }
}

/** @param rows [n * seq], row after row @param weights [n] @returns [seq], the weighted sum of each column */
function columnSums(rows: ArrayLike<number>, seq: number, weights: Float64Array): Float64Array {
  const sums = new Float64Array(seq);
  weights.forEach((weight, i) => {
    for (let j = 0; j < seq; j++) sums[j]! += weight * rows[i * seq + j]!;
  });
  return sums;
}

function columnPeaks(rows: ArrayLike<number>, seq: number): Float64Array {
  const peaks = new Float64Array(seq);
  for (let at = 0; at < rows.length; at++) peaks[at % seq] = Math.max(peaks[at % seq]!, rows[at]!);
  return peaks;
}

/**
 * What keeps rules from running on these tensors, as a sentence: the alternatives of the first that cannot, and what each of them lacks. Undefined
 * when nothing does.
 */
export function missingTensors(
  rules: readonly Pick<ScoreMember, 'name' | 'needs'>[],
  has: (name: TensorName) => boolean,
): string | undefined {
  for (const { name, needs } of rules) {
    const lacking = needs.map((row) => row.filter((tensor) => !has(tensor)));
    if (lacking.some((names) => names.length === 0)) continue;
    const wanted = needs.map((row) => row.join(' and ')).join(', or ');
    return `${name} needs ${wanted}; missing: ${lacking.map((names) => names.join(' and ')).join(', or ')}`;
  }
  return undefined;
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
function resolve(sizes: Sizes): Pick<LayerView, 'seq' | 'heads' | 'kvHeads' | 'headDim'> {
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
