import { columnSums } from './attention.ts';
import { groupMean } from './group-mean.ts';
import { tensor } from './tensor.ts';
import { definePolicy } from './types.ts';

/**
 * The oracle looks into the future: it keeps what the answer will attend to under the full cache. No method can know that; it shows how much
 * a budget allows when the choice is as good as it can be, measured by the attention kept.
 *
 *     s[h, j] = mean over the group of  sum over the answering rows i of A[h', i, j]        A: [heads, rows, seq]
 */
export const oracle = definePolicy({
  name: 'oracle',
  settings: {},
  needs: [['future_attentions']],
  score(layer) {
    const { seq, heads, kvHeads } = layer;
    const {
      shape: [, rows = 0],
      data,
    } = tensor(layer, 'future_attentions');
    const perHead = new Float64Array(heads * seq);
    for (let head = 0; head < heads; head++) {
      perHead.set(columnSums(data.subarray(head * rows * seq, (head + 1) * rows * seq), seq), head * seq);
    }
    return groupMean(perHead, heads, kvHeads);
  },
});
