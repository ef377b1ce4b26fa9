import { groupMean } from './group-mean.ts';
import { averagePool } from './pooling.ts';
import { defineScore, type LayerView } from './types.ts';
import { dot, rowNorms, standardize } from './vectors.ts';

/**
 * Lets every token of a chunk look at every other one, also forwards, and keeps what draws attention and has a long value. One half of Compactor.
 * Based on "Compactor: Calibrated Query-Agnostic KV Cache Compression with Approximate Leverage Scores" (arXiv 2507.08143); as kvpress NonCausalAttnPress.
 *
 *     P = softmax over the chunk of  Q K^T        without 1 / sqrt(d), without a mask;  Q: [heads, seq, headDim], after RoPE
 *     s[h, j] = mean of three neighbours of  (mean over the group of  sum over i of P[h', i, j]) ||V_j||        then z-scores over all heads of the layer
 *
 * As in kvpress, a last chunk that is not full is filled up: each missing key takes exp(0) of a row's weight, and each missing query pays 1 / chunk to
 * every key. In a lane a chunk is no longer than the text, so that nothing is missing from a single one.
 */
export const noncausalAttn = defineScore({
  name: 'noncausal-attn',
  caption: { name: 'Non-causal attention', idea: 'what a chunk looks at, also ahead' },
  source: 'arXiv 2507.08143; as kvpress NonCausalAttnPress',
  settings: {
    chunk: { kind: 'number', default: 256, min: 2, max: 4096, step: 1, about: 'Tokens that look at each other.' },
  },
  needs: [
    ['queries', 'keys', 'values'],
    ['queries_prerope', 'keys', 'values'],
  ],
  products: ({ chunk }, seq) => chunkProducts(chunk, seq),
  fit: ({ chunk }, seq) => ({ chunk: Math.max(2, Math.min(chunk, seq)) }),
  make: ({ chunk }) => ({ score: (layer) => noncausalScores(layer, chunk, 0, 0) }),
});

/** All tokens of a chunk look at all of it; the last chunk may be shorter. */
export const chunkProducts = (chunk: number, seq: number) => Math.floor(seq / chunk) * chunk ** 2 + (seq % chunk) ** 2;

/**
 * @param left entries at the start that take no part, and `right` at the end
 * @returns for each KV head [count - left - right]
 */
export function noncausalScores(layer: LayerView, chunk: number, left: number, right: number): Float64Array[] {
  const { headDim, heads, kvHeads } = layer;
  const paid = Array.from({ length: heads }, (_, head) => {
    const kvHead = Math.floor((head * kvHeads) / heads);
    const tokens = layer.tokens(kvHead).subarray(left, layer.counts[kvHead]! - right);
    const queries = layer.queries(head, layer.seq);
    return chunkAttention(queries, layer.keys(kvHead).subarray(left * headDim), tokens, chunk, headDim);
  });
  const scores = groupMean(paid, kvHeads).map((row, kvHead) => {
    const norms = rowNorms(layer.values(kvHead).subarray(left * headDim), headDim);
    return averagePool(
      row.map((sum, j) => sum * norms[j]!),
      3,
    );
  });
  standardize(scores);
  return scores;
}

/** @param queries [seq, headDim] by token @param keys [count, headDim] by entry @param tokens [count] @returns [count] */
function chunkAttention(
  queries: Float32Array,
  keys: Float32Array,
  tokens: Int32Array,
  chunk: number,
  headDim: number,
): Float64Array {
  const sums = new Float64Array(tokens.length);
  for (let from = 0; from < tokens.length; from += chunk) {
    const count = Math.min(chunk, tokens.length - from);
    const column = sums.subarray(from, from + count);
    column.fill((chunk - count) / chunk);
    const weights = new Float64Array(count);
    for (let i = from; i < from + count; i++) {
      const query = tokens[i]! * headDim;
      for (let j = 0; j < count; j++) weights[j] = dot(queries, query, keys, (from + j) * headDim, headDim);
      addSoftmax(column, weights, chunk - count);
    }
  }
  return sums;
}

/** Adds a softmax over these logits and so many zeros, of which only the former's part is wanted. */
function addSoftmax(sums: Float64Array, logits: Float64Array, zeros: number): void {
  const highest = logits.reduce((a, b) => Math.max(a, b), zeros ? 0 : -Infinity);
  let total = zeros * Math.exp(-highest);
  for (let j = 0; j < logits.length; j++) total += logits[j] = Math.exp(logits[j]! - highest);
  for (let j = 0; j < logits.length; j++) sums[j]! += logits[j]! / total;
}
