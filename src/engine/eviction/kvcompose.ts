import { groupMean } from './group-mean.ts';
import { defineScore, type LayerView } from './types.ts';

/**
 * KVCompose keeps what a second reading of the text looks at; every head counts what the others of its layer look at too.
 * Based on "KVCompose: Efficient Structured KV Cache Compression with Composite Tokens" (arXiv 2509.05165); as the token scores of kvpress KVComposePress.
 *
 *     p[h, j] = mean over the group of  max over the repeated tokens i of A[h', i, j]        A: [heads, rows, seq]
 *     s[h, j] = p[h, j] + mean over KV heads of p[h, j]
 *
 * How many each layer keeps is the paper's other half, its composite tokens, and not part of this score.
 */
export const kvcompose = defineScore({
  name: 'kvcompose',
  caption: { name: 'KVCompose', idea: 'what a second reading looks at, in all heads' },
  source: 'arXiv 2509.05165; as kvpress KVComposePress',
  settings: {
    common: { kind: 'switch', default: true, about: 'Add the mean over the KV heads of the layer.' },
  },
  needs: [['repeat_attentions']],
  make: ({ common }) => ({
    score(layer) {
      const scores = groupMean(layer.repeatPeaks(), layer.kvHeads);
      if (!common) return scores;
      const means = meanByToken(layer, scores);
      return scores.map((row, kvHead) => {
        const tokens = layer.tokens(kvHead);
        return row.map((score, j) => score + means[tokens[j]!]!);
      });
    },
  }),
});

/** The mean over the KV heads that hold a token. @returns [seq] */
function meanByToken(layer: LayerView, scores: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(layer.seq);
  const holders = new Float64Array(layer.seq);
  scores.forEach((row, kvHead) => {
    layer.tokens(kvHead).forEach((token, j) => {
      sums[token]! += row[j]!;
      holders[token]!++;
    });
  });
  return sums.map((sum, token) => sum / Math.max(1, holders[token]!));
}
