import { defineScore } from './types.ts';
import { dot } from './vectors.ts';

/**
 * Q-Filters keep the keys that lie towards a head's queries: one direction for each KV head, learned beforehand, stands for all queries.
 * Based on "Q-Filters: Leveraging QK Geometry for Efficient KV Cache Compression" (arXiv 2503.02812); as kvpress QFilterPress.
 *
 *     s[h, j] = -f[h] K_j        K: [kvHeads, seq, headDim] after RoPE,  f: [kvHeads, headDim]
 *
 * f points away from the queries, as the authors publish it: the minus sign turns it round. `npm run calibrate` finds it for a model.
 */
export const qFilter = defineScore({
  name: 'q-filter',
  caption: { name: 'Q-Filters', idea: 'keys where queries mostly point' },
  source: 'arXiv 2503.02812; as kvpress QFilterPress',
  settings: {},
  needs: [['keys', 'q_filters']],
  calibration: 'calibration.safetensors',
  make: () => ({
    score(layer) {
      const { headDim } = layer;
      const filters = layer.learned('q_filters');
      return layer.counts.map((count, kvHead) => {
        const keys = layer.keys(kvHead);
        return new Float64Array(count).map((_, j) => -dot(filters, kvHead * headDim, keys, j * headDim, headDim));
      });
    },
  }),
});
