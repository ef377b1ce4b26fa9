import { groupMean } from './group-mean.ts';
import { defineScore, type LayerView } from './types.ts';

/**
 * Keeps what was attended to on average, by the queries that could see it. Nothing is protected.
 * As kvpress ObservedAttentionPress; related to H2O (arXiv 2306.14048), which adds up without dividing.
 *
 *     s[h, j] = mean over the group of  sum over i of A[h', i, j] / (seq - j)        A: [heads, seq, seq]
 *
 * The newest token was seen by itself alone, so that it scores its own weight on itself.
 */
export const observedAttention = defineScore({
  name: 'observed-attention',
  caption: { name: 'Observed attention', idea: 'what was attended, on average' },
  source: 'kvpress ObservedAttentionPress; related to arXiv 2306.14048',
  settings: {},
  needs: [['attentions']],
  make: () => ({ score: (layer) => perQuery(layer, columnSums(layer)) }),
});

/** What all queries paid to each entry, averaged over the group: for each KV head [count]. */
export const columnSums = (layer: LayerView): Float64Array[] =>
  groupMean(layer.attentionSums(layer.seq), layer.kvHeads);

/** Sums divided by the number of queries that could see the token, in place. */
export function perQuery(layer: LayerView, sums: Float64Array[]): Float64Array[] {
  sums.forEach((row, kvHead) => {
    const tokens = layer.tokens(kvHead);
    for (let j = 0; j < row.length; j++) row[j]! /= layer.seq - tokens[j]!;
  });
  return sums;
}
