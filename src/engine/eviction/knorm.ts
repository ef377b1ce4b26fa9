import { defineScore } from './types.ts';
import { rowNorms } from './vectors.ts';

/**
 * Knorm keeps the keys of small length, which tend to draw much attention; it looks at no query at all.
 * Based on "A Simple and Effective L2 Norm-Based Strategy for KV Cache Compression" (arXiv 2406.11430).
 *
 *     s[h, j] = -||K[h, j]||_2        K: [kvHeads, seq, headDim]
 *
 * Deviation, shared with kvpress: it scores every layer, where the paper leaves the first two uncompressed.
 */
export const knorm = defineScore({
  name: 'knorm',
  caption: { name: 'Knorm', idea: 'the smallest keys' },
  source: 'arXiv 2406.11430',
  settings: {},
  needs: [['keys']],
  make: () => ({
    score: (layer) => layer.counts.map((_, kvHead) => rowNorms(layer.keys(kvHead), layer.headDim).map((norm) => -norm)),
  }),
});
