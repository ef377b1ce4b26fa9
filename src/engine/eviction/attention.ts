import { tensor } from './tensor.ts';
import type { Layer, Tensor } from './types.ts';

/** What `lastAttention` can work from, as a policy states it in `needs`. */
export const attentionNeeds = [['attentions'], ['queries', 'keys']] as const;

/**
 * The causal attention of the last `rows` positions over all of the cache: cut out of `attentions` where the layer has them, else computed
 * from `queries` and `keys`. The two agree to the precision of the stored attentions.
 * @returns for a query head, [rows * seq]
 */
export function lastAttention(layer: Layer, rows: number): (head: number) => ArrayLike<number> {
  const { seq } = layer;
  const attentions = layer.tensor('attentions');
  if (attentions) return (head) => attentions.data.subarray((head * seq + seq - rows) * seq, (head + 1) * seq * seq);
  const queries = tensor(layer, 'queries');
  const keys = tensor(layer, 'keys');
  const given = queries.shape[1]!;
  if (given < rows)
    throw new Error(`The queries of the last ${rows} positions are needed, and the layer has only ${given}.`);
  return (head) => softmaxRows(layer, queries, keys, head, rows);
}

/** @returns [rows * seq], zero above the diagonal */
function softmaxRows(layer: Layer, queries: Tensor, keys: Tensor, head: number, rows: number): Float64Array {
  const { seq, headDim } = layer;
  const firstKey = Math.floor((head * layer.kvHeads) / layer.heads) * seq;
  const firstQuery = (head + 1) * queries.shape[1]! - rows;
  const attention = new Float64Array(rows * seq);
  for (let i = 0; i < rows; i++) {
    const logits = attention.subarray(i * seq, i * seq + seq - rows + i + 1);
    for (let j = 0; j < logits.length; j++) {
      logits[j] =
        dot(queries.data, (firstQuery + i) * headDim, keys.data, (firstKey + j) * headDim, headDim) /
        Math.sqrt(headDim);
    }
    softmax(logits);
  }
  return attention;
}

function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, length: number): number {
  let sum = 0;
  for (let c = 0; c < length; c++) sum += a[aStart + c]! * b[bStart + c]!;
  return sum;
}

function softmax(logits: Float64Array): void {
  const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let total = 0;
  for (let j = 0; j < logits.length; j++) total += logits[j] = Math.exp(logits[j]! - highest);
  for (let j = 0; j < logits.length; j++) logits[j]! /= total;
}

/**
 * @param rows [n * seq], row after row
 * @returns [seq], the sum of each column
 */
export function columnSums(rows: ArrayLike<number>, seq: number): Float64Array {
  const sums = new Float64Array(seq);
  for (let start = 0; start < rows.length; start += seq) {
    for (let j = 0; j < seq; j++) sums[j]! += rows[start + j]!;
  }
  return sums;
}
