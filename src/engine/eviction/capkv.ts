import { averageTurn } from './average-turn.ts';
import { groupMean } from './group-mean.ts';
import { protect } from './protect.ts';
import { defineScore } from './types.ts';
import { dot, gram, leverages, meanRow, unitRows } from './vectors.ts';

/**
 * CapKV keeps the entries whose values add most to what attention can still put out, counted more where queries are likely to look.
 * Based on "Rethinking KV Cache Eviction via a Unified Information-Theoretic Objective" (arXiv 2604.25975); as kvpress CapPress.
 *
 *     anchor[h'] = mean over t >= sinks of R Q_t        Q before RoPE, R the mean rotation of the next `future` positions
 *     w[h', j] = exp(tau cos(anchor, K_j)), divided by the largest        j >= sinks,  K: [kvHeads, seq, headDim]
 *     A = I + sum over j of (w_j + 1e-6) V_j V_j^T        s[h, j] = mean over the group of  w_j V_j^T A^-1 V_j        j < sinks: max s + 1
 *
 * Deviations, shared with kvpress: the paper has the dot product where this has the cosine, and does not turn queries.
 */
export const capkv = defineScore({
  name: 'capkv',
  caption: { name: 'CapKV', idea: 'values that the others do not span' },
  source: 'arXiv 2604.25975; as kvpress CapPress',
  settings: {
    tau: { kind: 'number', default: 5, min: 0, max: 50, step: 0.1, about: 'How sharply queries choose.' },
    future: { kind: 'number', default: 512, min: 1, max: 4096, step: 1, about: 'Coming positions that count.' },
    sinks: { kind: 'number', default: 4, min: 0, max: 64, step: 1, about: 'Tokens at the start that always stay.' },
  },
  needs: [
    ['queries_prerope', 'keys', 'values'],
    ['queries', 'keys', 'values'],
  ],
  fit: (settings, seq) => ({ ...settings, sinks: Math.min(settings.sinks, seq - 1) }),
  make: ({ tau, future, sinks }) => ({
    score(layer) {
      const { headDim, heads, kvHeads, seq } = layer;
      if (seq <= sinks)
        throw new Error(`capkv needs more tokens than sinks: there are ${seq} tokens and ${sinks} sinks.`);
      const turn = averageTurn(layer.rope, seq, future);
      const scores = Array.from({ length: heads }, (_, head) => {
        const kvHead = Math.floor((head * kvHeads) / heads);
        const anchor = unitRows(turn(meanRow(layer.queriesBeforeRope(head, seq - sinks), headDim)), headDim);
        const values = layer.values(kvHead).subarray(sinks * headDim);
        const weights = looks(unitRows(layer.keys(kvHead).subarray(sinks * headDim), headDim), anchor, tau);
        const matrix = gram(
          values,
          headDim,
          1,
          weights.map((weight) => weight + 1e-6),
        );
        const row = new Float64Array(layer.counts[kvHead]!);
        row.set(
          leverages(matrix, values, headDim).map((share, j) => weights[j]! * share),
          Math.min(sinks, row.length),
        );
        return row;
      });
      return protect(groupMean(scores, kvHeads), sinks, 0);
    },
  }),
});

/** @param keys [count, headDim] of length one @returns [count], the highest 1 */
function looks(keys: Float64Array, anchor: Float64Array, tau: number): Float64Array {
  const width = anchor.length;
  const logits = new Float64Array(keys.length / width).map((_, j) => tau * dot(keys, j * width, anchor, 0, width));
  const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  return logits.map((logit) => Math.exp(logit - highest));
}
