import { defineScore } from './types.ts';
import { rowSquares } from './vectors.ts';

/**
 * CurDKV keeps the entries whose keys and values are long beside their neighbours': a cheap stand-in for leverage scores, as a CUR decomposition chooses
 * rows. Based on "Value-Guided KV Compression for LLMs via Approximated CUR Decomposition" (arXiv 2509.15038); as kvpress CURPress.
 *
 *     k_j = ||K_j||^2 / sum over its window of ||K_i||^2        v_j likewise; windows of `window` entries, one behind the other
 *     s[h, j] = k_j v_j / sum over i of k_i v_i        j < sinks: 1
 *
 * With one side alone, or their mean, that takes the product's place. kvpress can also multiply both by a random matrix first; this does not.
 */
export const cur = defineScore({
  name: 'cur',
  caption: { name: 'CurDKV', idea: 'long keys and values among neighbours' },
  source: 'arXiv 2509.15038; as kvpress CURPress',
  settings: {
    sinks: { kind: 'number', default: 4, min: 0, max: 64, step: 1, about: 'Tokens at the start that always stay.' },
    window: {
      kind: 'number',
      default: 16,
      min: 0,
      max: 1024,
      step: 1,
      about: 'Neighbours that a length is compared with; 0 compares with all.',
    },
    keys: { kind: 'switch', default: true, about: 'Look at keys; without keys and values, at both.' },
    values: { kind: 'switch', default: true, about: 'Look at values.' },
    mean: { kind: 'switch', default: false, about: 'Add keys and values up, where else they are multiplied.' },
  },
  needs: [['keys', 'values']],
  make: ({ sinks, window, keys, values, mean }) => ({
    score: (layer) =>
      layer.counts.map((_, kvHead) => {
        const k = localShares(rowSquares(layer.keys(kvHead), layer.headDim), window);
        const v = localShares(rowSquares(layer.values(kvHead), layer.headDim), window);
        const both = k.map((share, j) => (mean ? (share + v[j]!) / 2 : share * v[j]!));
        const scores = keys === values ? both : keys ? k : v;
        return divided(scores, 0, scores.length).fill(1, 0, sinks);
      }),
  }),
});

/** Each window's numbers as shares of its sum; 0 leaves them as they are. */
function localShares(squares: Float64Array, window: number): Float64Array {
  for (let from = 0; window && from < squares.length; from += window) divided(squares, from, from + window);
  return squares;
}

/** Divides a stretch by its sum, in place; zeros stay. */
function divided(row: Float64Array, from: number, to: number): Float64Array {
  const stretch = row.subarray(from, to);
  const sum = stretch.reduce((a, b) => a + b, 0) || 1;
  for (let j = 0; j < stretch.length; j++) stretch[j]! /= sum;
  return row;
}
