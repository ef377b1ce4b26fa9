import { Heap, type Address } from './heap.ts';
import { inPanels } from './panels.ts';
import type { Kernels } from './types.ts';

/**
 * The kernels in TypeScript: what the SIMD ones are tested against, and what runs where those cannot.
 * They sum in double precision, so the two agree closely but not to the last bit.
 */
export function plain(): Kernels {
  const heap = plainHeap();
  return {
    name: 'plain',
    heap,
    linear: (y, x, w, n, inDim, outDim) => linear(heap.f32, y, x, w, n, inDim, outDim),
    rmsnorm: (y, x, weight, n, dim, eps) => rmsnorm(heap.f32, y, x, weight, n, dim, eps),
    swiglu: (y, gate, up, length) => swiglu(heap.f32, y, gate, up, length),
    add: (y, x, length) => {
      for (let i = 0; i < length; i++) heap.f32[y + i]! += heap.f32[x + i]!;
    },
    attend: (out, q, keys, values, rows, count, group, headDim, probs) => {
      for (let head = 0; head < group; head++) {
        const line = probs + head * count;
        const at = head * headDim;
        attendHead(heap, out + at, q + at, keys, values, rows, count, headDim, line);
      }
    },
  };
}

function plainHeap(): Heap {
  let memory = new Uint8Array(0);
  return new Heap((bytes) => {
    const grown = new Uint8Array(bytes);
    grown.set(memory);
    memory = grown;
    return grown.buffer;
  });
}

/** From four weights of an output to its next four. */
const fromInput = inPanels(0, 4, 4);

function linear(m: Float32Array, y: Address, x: Address, w: Address, n: number, inDim: number, outDim: number) {
  for (let row = 0; row < n; row++) {
    for (let o = 0; o < outDim; o++)
      m[y + row * outDim + o] = dot(m, x + row * inDim, w + inPanels(o, 0, inDim), inDim, fromInput);
  }
}

function rmsnorm(m: Float32Array, y: Address, x: Address, weight: Address, n: number, dim: number, eps: number) {
  for (let start = 0; start < n * dim; start += dim) {
    const scale = 1 / Math.sqrt(dot(m, x + start, x + start, dim) / dim + eps);
    for (let i = 0; i < dim; i++) m[y + start + i] = m[x + start + i]! * scale * m[weight + i]!;
  }
}

function swiglu(m: Float32Array, y: Address, gate: Address, up: Address, length: number) {
  for (let i = 0; i < length; i++) m[y + i] = (m[gate + i]! / (1 + Math.exp(-m[gate + i]!))) * m[up + i]!;
}

function attendHead(
  { f32: m, i32 }: Heap,
  out: Address,
  q: Address,
  keys: Address,
  values: Address,
  rows: Address,
  count: number,
  headDim: number,
  line: Address,
) {
  const scale = 1 / Math.sqrt(headDim);
  for (let i = 0; i < count; i++) m[line + i] = scale * dot(m, q, keys + i32[rows + i]! * headDim, headDim);
  softmax(m, line, count);
  m.fill(0, out, out + headDim);
  for (let i = 0; i < count; i++) {
    const weight = m[line + i]!;
    const value = values + i32[rows + i]! * headDim;
    for (let c = 0; c < headDim; c++) m[out + c]! += weight * m[value + c]!;
  }
}

/**
 * The dot product of two vectors. Four sums, so that an addition need not wait for the last one.
 * @param step from four numbers of the second vector to its next four
 */
function dot(m: Float32Array, i: Address, j: Address, length: number, step = 4): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (const end = i + length; i < end; i += 4, j += step) {
    s0 += m[i]! * m[j]!;
    s1 += m[i + 1]! * m[j + 1]!;
    s2 += m[i + 2]! * m[j + 2]!;
    s3 += m[i + 3]! * m[j + 3]!;
  }
  return s0 + s1 + s2 + s3;
}

/** In place. The largest logit is subtracted first, so that no exponential overflows. */
function softmax(m: Float32Array, at: Address, count: number) {
  let top = -Infinity;
  for (let i = at; i < at + count; i++) top = Math.max(top, m[i]!);
  let sum = 0;
  for (let i = at; i < at + count; i++) sum += m[i] = Math.exp(m[i]! - top);
  for (let i = at; i < at + count; i++) m[i]! /= sum;
}
