import { defineScore } from './types.ts';

/**
 * The oracle looks into the future: it keeps what the answer will attend to under the full cache. No method can know that; it shows how much
 * a budget allows when the choice is as good as it can be, measured by the attention kept.
 *
 *     s[h, j] = mean over the group of  sum over the answering rows i of A[h', i, j]        A: [heads, rows, seq]
 */
export const oracle = defineScore({
  name: 'oracle',
  caption: { name: 'Oracle', idea: 'what the answer will look at' },
  source: 'a control: ours',
  settings: {},
  needs: [['future_attentions']],
  make: () => ({ score: (layer) => layer.futureSums().map((sums) => sums.slice()) }),
});
