import { defineScore } from './types.ts';

/**
 * The oracle looks into the future: it keeps what the question and its answer will attend to under the full cache. No method can know that; it shows
 * how much a budget allows when the choice is as good as it can be.
 *
 *     s[h, j] = max over the coming rows i of  mean over the group of A[h', i, j]        A: [heads, rows, seq]
 *
 * Every row that is read after the cache was compressed counts, the question's too: without the first token, on which they rest, they would read
 * something else. The maximum, because a token that one row needs is not worth less when the others pass it over.
 */
export const oracle = defineScore({
  name: 'oracle',
  caption: { name: 'Oracle', idea: 'what question and answer will look at' },
  source: 'a control: ours',
  settings: {},
  needs: [['future_attentions']],
  make: () => ({ score: (layer) => layer.futurePeaks().map((peaks) => peaks.slice()) }),
});
