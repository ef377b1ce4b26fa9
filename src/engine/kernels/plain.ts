import type { Kernels } from './types.ts';

/**
 * The kernels in TypeScript: what the SIMD ones are tested against, and what runs where those cannot.
 * They sum in double precision, so the two agree closely but not to the last bit.
 * @param _bytes ignored, as arrays are allocated one by one; it is there so that `plain` can stand wherever `simd` does
 */
export const plain = (_bytes?: number): Kernels => ({
  name: 'plain',
  floats: (length) => new Float32Array(length),
  ints: (length) => new Int32Array(length),
  linear,
  rmsnorm,
  swiglu,
  attend,
});

function linear(y: Float32Array, x: Float32Array, w: Float32Array, n: number, inDim: number, outDim: number) {
  for (let row = 0; row < n; row++) {
    for (let o = 0; o < outDim; o++) y[row * outDim + o] = dot(x, row * inDim, w, o * inDim, inDim);
  }
}

function rmsnorm(y: Float32Array, x: Float32Array, weight: Float32Array, n: number, dim: number, eps: number) {
  for (let start = 0; start < n * dim; start += dim) {
    const scale = 1 / Math.sqrt(dot(x, start, x, start, dim) / dim + eps);
    for (let i = 0; i < dim; i++) y[start + i] = x[start + i]! * scale * weight[i]!;
  }
}

function swiglu(y: Float32Array, gate: Float32Array, up: Float32Array, length: number) {
  for (let i = 0; i < length; i++) y[i] = (gate[i]! / (1 + Math.exp(-gate[i]!))) * up[i]!;
}

function attend(
  out: Float32Array,
  q: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  slots: Int32Array,
  count: number,
  group: number,
  headDim: number,
  probs: Float32Array,
) {
  const scale = 1 / Math.sqrt(headDim);
  for (let head = 0; head < group; head++) {
    const line = probs.subarray(head * count, (head + 1) * count);
    for (let i = 0; i < count; i++) line[i] = scale * dot(q, head * headDim, keys, slots[i]! * headDim, headDim);
    softmax(line);
    const mean = out.subarray(head * headDim, (head + 1) * headDim);
    mean.fill(0);
    for (let i = 0; i < count; i++) add(mean, line[i]!, values, slots[i]! * headDim);
  }
}

/** The dot product of a[i..i+length] and b[j..j+length]. Four sums, so that an addition need not wait for the last one. */
function dot(a: Float32Array, i: number, b: Float32Array, j: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (const end = i + length; i < end; i += 4, j += 4) {
    s0 += a[i]! * b[j]!;
    s1 += a[i + 1]! * b[j + 1]!;
    s2 += a[i + 2]! * b[j + 2]!;
    s3 += a[i + 3]! * b[j + 3]!;
  }
  return s0 + s1 + s2 + s3;
}

/** In place. The largest logit is subtracted first, so that no exponential overflows. */
function softmax(logits: Float32Array) {
  let top = -Infinity;
  for (const logit of logits) top = Math.max(top, logit);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += logits[i] = Math.exp(logits[i]! - top);
  for (let i = 0; i < logits.length; i++) logits[i]! /= sum;
}

/** sum += weight * rows[start..] */
function add(sum: Float32Array, weight: number, rows: Float32Array, start: number) {
  for (let i = 0; i < sum.length; i++) sum[i]! += weight * rows[start + i]!;
}
