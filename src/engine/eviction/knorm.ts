import { tensor } from './tensor.ts';
import { definePolicy } from './types.ts';

/**
 * Knorm keeps the keys of small length, which tend to draw much attention; it looks at no query at all.
 * Based on "A Simple and Effective L2 Norm-Based Strategy for KV Cache Compression" (arXiv 2406.11430).
 *
 *     s[h, j] = -||K[h, j]||_2        K: [kvHeads, seq, headDim]
 *
 * Deviation, shared with kvpress: it scores every layer, where the paper leaves the first two uncompressed.
 */
export const knorm = definePolicy({
  name: 'knorm',
  settings: {},
  needs: [['keys']],
  score(layer) {
    const { kvHeads, seq, headDim } = layer;
    const keys = tensor(layer, 'keys').data;
    return new Float64Array(kvHeads * seq).map((_, row) => {
      let squares = 0;
      for (let c = row * headDim; c < (row + 1) * headDim; c++) squares += keys[c]! ** 2;
      return -Math.sqrt(squares);
    });
  },
});
