import { defineScore } from './types.ts';
import { dot, unitRows } from './vectors.ts';

/**
 * KeyDiff keeps the keys that are least like the average one. It looks at no query.
 * Based on "KeyDiff: Key Similarity-Based KV Cache Eviction for Long-Context LLM Inference in Resource-Constrained Environments" (arXiv 2504.15364); as
 * kvpress KeyDiffPress. Nothing is protected.
 *
 *     anchor[h] = mean over j of K_j / ||K_j||        s[h, j] = -cos(K_j, anchor[h])        K: [kvHeads, seq, headDim]
 *
 * The paper runs it block by block while the prompt is read, which is a matter of when and not of this score.
 */
export const keydiff = defineScore({
  name: 'keydiff',
  caption: { name: 'KeyDiff', idea: 'keys unlike the others' },
  source: 'arXiv 2504.15364; as kvpress KeyDiffPress',
  settings: {},
  needs: [['keys']],
  make: () => ({
    score: (layer) => layer.counts.map((_, kvHead) => unlike(layer.keys(kvHead), layer.headDim)),
  }),
});

/** @param keys [count, headDim] @returns [count] */
function unlike(keys: Float32Array, headDim: number): Float64Array {
  const units = unitRows(keys, headDim);
  const anchor = new Float64Array(headDim);
  for (let at = 0; at < units.length; at++) anchor[at % headDim]! += units[at]!;
  // How many there were does not matter to a cosine.
  const length = Math.sqrt(dot(anchor, 0, anchor, 0, headDim)) || 1;
  return new Float64Array(keys.length / headDim).map((_, j) => -dot(units, j * headDim, anchor, 0, headDim) / length);
}
