import { defineScore, type LayerView } from './types.ts';
import { dot, gram, principal } from './vectors.ts';

/**
 * Q-Filters keep the keys that lie towards a head's queries: one direction for each KV head, learned beforehand, stands for all queries.
 * Based on "Q-Filters: Leveraging QK Geometry for Efficient KV Cache Compression" (arXiv 2503.02812); as kvpress QFilterPress.
 *
 *     s[h, j] = -f[h] K_j        K: [kvHeads, seq, headDim] after RoPE,  f: [kvHeads, headDim]
 *
 * f is learned as the authors' make_filters.py does it, from queries of some texts after RoPE. Of each query head the first right singular vector,
 * with the sign that most queries have, is where its queries point; f is minus its mean over the group.
 */
export const qFilter = defineScore({
  name: 'q-filter',
  caption: { name: 'Q-Filters', idea: 'keys where queries mostly point' },
  source: 'arXiv 2503.02812; as kvpress QFilterPress',
  settings: {},
  needs: [['keys', 'q_filters']],
  learns: {
    name: 'q_filters',
    from: (texts) =>
      texts[0]!.counts.map((_, kvHead) => {
        const group = texts[0]!.heads / texts[0]!.kvHeads;
        const filter = new Float32Array(texts[0]!.headDim);
        for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
          pointing(texts, head).forEach((x, c) => (filter[c]! -= x / group));
        }
        return filter;
      }),
  },
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

/** Where a query head's queries point: of length one, and with more of them on its side than not. @returns [headDim] */
function pointing(texts: readonly LayerView[], head: number): Float64Array {
  const { headDim } = texts[0]!;
  const queries = texts.map((text) => text.queries(head, text.seq));
  const sums = new Float64Array(headDim * headDim);
  for (const rows of queries) gram(rows, headDim, 0).forEach((sum, at) => (sums[at]! += sum));
  const direction = principal(sums, headDim);
  let side = 0;
  for (const rows of queries) {
    for (let at = 0; at < rows.length; at += headDim) side += Math.sign(dot(rows, at, direction, 0, headDim));
  }
  return side > 0 ? direction : direction.map((x) => -x);
}
