import { newerThan } from './newer-than.ts';
import { maxPool } from './pooling.ts';
import { protect } from './protect.ts';
import { defineScore, type LayerView } from './types.ts';
import { dot, softmax, unitRows } from './vectors.ts';

/**
 * R-KV keeps what the newest tokens look at and what is not said twice: importance less redundancy. Made for long answers that repeat themselves.
 * Based on "R-KV: Redundancy-aware KV Cache Compression for Reasoning Models" (arXiv 2505.24133); as its code, rkv/compression/r1_kv.py.
 *
 *     l[i, j] = max over the group of Q[h', i] K_j / sqrt(d)        the last w queries i,  j < seq - w
 *     I_j = max of `kernel` neighbours of  mean over i of softmax over j of l[i, j]
 *     c[i, j] = cos(K_i, K_j), but 0 for i = j and for the newest j with c[i, j] > threshold        all of i, j
 *     R_j = softmax over j of  mean over i of c[i, j]
 *     s[h, j] = mix I_j - (1 - mix) R_j        j >= seq - w: max s + 1
 *
 * Where a key has no near copy the code forgets its likeness to the first entry; so does this. The text of the paper has mix at 0.1, the code 0.07.
 */
export const rKv = defineScore({
  name: 'r-kv',
  caption: { name: 'R-KV', idea: 'what is looked at and not said twice' },
  source: 'arXiv 2505.24133; as github.com/Zefan-Cai/R-KV',
  settings: {
    window: {
      kind: 'number',
      default: 8,
      min: 1,
      max: 256,
      step: 1,
      about: 'Newest tokens that vote and always stay.',
    },
    kernel: { kind: 'number', default: 7, min: 1, max: 63, step: 2, about: 'Tokens that share the highest vote.' },
    mix: {
      kind: 'number',
      default: 0.07,
      min: 0,
      max: 1,
      step: 0.01,
      about: 'Weight of importance; the rest weighs redundancy.',
    },
    threshold: {
      kind: 'number',
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.01,
      about: 'Cosine from which a key is a copy.',
    },
  },
  needs: [['queries', 'keys']],
  // The window looks at what is older than itself.
  products: ({ window }, seq) => window * Math.max(0, seq - window),
  fit: (settings, seq, budget) => ({
    ...settings,
    window: Math.max(1, Math.min(settings.window, Math.trunc(budget / 2), seq - 1)),
  }),
  make: ({ window, kernel, mix, threshold }) => ({
    window,
    score(layer) {
      if (layer.seq <= window) {
        throw new Error(
          `r-kv needs more tokens than its window: there are ${layer.seq} tokens and the window is ${window}.`,
        );
      }
      const inside = layer.counts.map((_, kvHead) => newerThan(layer.tokens(kvHead), layer.seq - window));
      const scores = layer.counts.map((count, kvHead) => {
        const votes = maxPool(importance(layer, kvHead, window, count - inside[kvHead]!), kernel);
        const copies = redundancy(layer.keys(kvHead), layer.headDim, threshold);
        return copies.map((share, j) => (j < votes.length ? mix * votes[j]! - (1 - mix) * share : -Infinity));
      });
      return protect(scores, 0, inside);
    },
  }),
});

/** @param before entries older than the window @returns [before] */
function importance(layer: LayerView, kvHead: number, window: number, before: number): Float64Array {
  const { headDim, heads, kvHeads } = layer;
  const group = heads / kvHeads;
  const queries = Array.from({ length: group }, (_, g) => layer.queries(kvHead * group + g, window));
  const keys = layer.keys(kvHead);
  const votes = new Float64Array(before);
  for (let i = 0; i < window; i++) {
    const logits = new Float64Array(before).map((_, j) =>
      Math.max(...queries.map((rows) => dot(rows, i * headDim, keys, j * headDim, headDim) / Math.sqrt(headDim))),
    );
    softmax(logits).forEach((weight, j) => (votes[j]! += weight / window));
  }
  return votes;
}

/** @param keys [count, headDim] @returns [count], which sum to 1 */
function redundancy(keys: Float32Array, headDim: number, threshold: number): Float64Array {
  const units = unitRows(keys, headDim);
  const count = keys.length / headDim;
  const cosine = (i: number, j: number) => (i === j ? 0 : dot(units, i * headDim, units, j * headDim, headDim));
  const total = new Float64Array(headDim);
  for (let at = 0; at < units.length; at++) total[at % headDim]! += units[at]!;
  // Adding up the cosines of all pairs is the same as one product with the sum of all keys, less what does not count.
  const sums = new Float64Array(count).map((_, j) => {
    const own = dot(units, j * headDim, units, j * headDim, headDim);
    return dot(units, j * headDim, total, 0, headDim) - own;
  });
  for (let i = 0; i < count; i++) {
    let newest = count - 1;
    while (newest > 0 && !(cosine(i, newest) > threshold)) newest--;
    sums[newest]! -= cosine(i, newest);
  }
  return softmax(sums.map((sum) => sum / count));
}
