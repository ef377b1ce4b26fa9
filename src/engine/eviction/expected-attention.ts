import { averageTurn, type Turn } from './average-turn.ts';
import { groupMean } from './group-mean.ts';
import { protect } from './protect.ts';
import { defineScore, type LayerView } from './types.ts';
import { centered, dot, gram, meanRow, rowNorms, softmax } from './vectors.ts';

/**
 * Expected Attention takes the coming queries for draws from a Gaussian, fitted to those seen so far, and keeps what such queries would attend to.
 * Based on "Expected Attention: KV Cache Compression by Estimating Attention from Future Queries Distribution" (arXiv 2510.00636); as kvpress
 * ExpectedAttentionPress.
 *
 *     mu, C = mean and covariance of a head's queries before RoPE, without those of the first `sinks` tokens      [headDim], [headDim, headDim]
 *     R = mean rotation of the next `future` positions        mu' = R mu        C' = R C R^T
 *     a[h', j] = softmax over j of  K_j mu' / sqrt(d) + K_j C' K_j / 2d        j >= sinks,  K: [kvHeads, seq, headDim]
 *     s[h, j] = (mean over the group of a[h', j] + epsilon) ||V_j||        j < sinks: max s + 1
 *
 * The covariance is divided by the number of queries. The paper has epsilon at 0.02, kvpress at 0.
 */
export const expectedAttention = defineScore({
  name: 'expected-attention',
  caption: { name: 'Expected Attention', idea: 'what coming queries should look at' },
  source: 'arXiv 2510.00636; as kvpress ExpectedAttentionPress',
  settings: {
    future: { kind: 'number', default: 512, min: 1, max: 4096, step: 1, about: 'Coming positions that count.' },
    sinks: { kind: 'number', default: 4, min: 0, max: 64, step: 1, about: 'Tokens at the start that always stay.' },
    covariance: { kind: 'switch', default: true, about: 'Look at how queries spread, not at their mean alone.' },
    values: { kind: 'switch', default: true, about: 'Weigh by the length of the value.' },
    epsilon: { kind: 'number', default: 0, min: 0, max: 1, step: 0.001, about: 'Added to each expected weight.' },
  },
  needs: [
    ['queries_prerope', 'keys', 'values'],
    ['queries', 'keys', 'values'],
  ],
  fit: (settings, seq) => ({ ...settings, sinks: Math.min(settings.sinks, seq - 1) }),
  make: ({ future, sinks, covariance, values, epsilon }) => ({
    score(layer) {
      if (layer.seq <= sinks) {
        throw new Error(
          `expected-attention needs more tokens than sinks: there are ${layer.seq} tokens and ${sinks} sinks.`,
        );
      }
      const turn = averageTurn(layer.rope, layer.seq, future);
      const expected = Array.from({ length: layer.heads }, (_, head) =>
        expectedWeights(layer, head, sinks, turn, covariance),
      );
      const scores = groupMean(expected, layer.kvHeads).map((row, kvHead) => {
        if (!values) return row;
        const norms = rowNorms(layer.values(kvHead), layer.headDim);
        return row.map((weight, j) => (j < sinks ? 0 : (weight + epsilon) * norms[j]!));
      });
      return protect(scores, sinks, 0);
    },
  }),
});

/** @returns [count]; zero for sinks */
function expectedWeights(layer: LayerView, head: number, sinks: number, turn: Turn, covariance: boolean): Float64Array {
  const { headDim } = layer;
  const queries = layer.queriesBeforeRope(head, layer.seq - sinks);
  const mean = meanRow(queries, headDim);
  const spread = covariance ? turnedSpread(queries, mean, turn) : undefined;
  turn(mean);
  const keys = layer.keys(Math.floor((head * layer.kvHeads) / layer.heads));
  const weights = new Float64Array(keys.length / headDim);
  const free = weights.subarray(sinks);
  for (let j = 0; j < free.length; j++) {
    const at = (sinks + j) * headDim;
    free[j] = dot(keys, at, mean, 0, headDim) / Math.sqrt(headDim);
    if (spread) free[j]! += quadratic(spread, keys, at, headDim) / (2 * headDim);
  }
  softmax(free);
  return weights;
}

/** R C R^T: the covariance of queries, turned on both sides. @returns [headDim, headDim] */
function turnedSpread(queries: Float32Array, mean: Float64Array, turn: Turn): Float64Array {
  const width = mean.length;
  const count = queries.length / width;
  const turned = gram(centered(queries, mean), width, 0).map((sum) => sum / count);
  for (let side = 0; side < 2; side++) {
    for (let a = 0; a < width; a++) turn(turned.subarray(a * width, (a + 1) * width));
    transpose(turned, width);
  }
  return turned;
}

function transpose(matrix: Float64Array, width: number): void {
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < a; b++) {
      [matrix[a * width + b], matrix[b * width + a]] = [matrix[b * width + a]!, matrix[a * width + b]!];
    }
  }
}

/** x^T M x of the row that begins at `at`. */
function quadratic(matrix: Float64Array, rows: ArrayLike<number>, at: number, width: number): number {
  let sum = 0;
  for (let a = 0; a < width; a++) sum += rows[at + a]! * dot(matrix, a * width, rows, at, width);
  return sum;
}
