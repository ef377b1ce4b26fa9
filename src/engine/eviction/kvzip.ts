import { protect } from './protect.ts';
import { defineScore } from './types.ts';

/**
 * KVzip lets the model read its text once more, and keeps what that reading looks at: what is needed to say the text again serves any question.
 * Based on "KVzip: Query-Agnostic KV Cache Compression with Context Reconstruction" (arXiv 2505.23416); as kvpress KVzipPress with one chunk.
 *
 *     s[h, j] = max over the group and over the repeated tokens i of  A[h', i, j]        A: [heads, rows, seq], softmax over text and repetition
 *
 * Heads and layers compete in the paper: `pool`. Between the text and its repetition stands an instruction there, which our model does not know; here the
 * text follows on the text. Texts over 2,048 tokens would go in chunks. `sinks` are kept in newer kvpress (4); in older ones they were overwritten.
 */
export const kvzip = defineScore({
  name: 'kvzip',
  caption: { name: 'KVzip', idea: 'what a second reading looks at' },
  source: 'arXiv 2505.23416; as kvpress KVzipPress',
  settings: {
    sinks: { kind: 'number', default: 0, min: 0, max: 64, step: 1, about: 'Tokens at the start that always stay.' },
  },
  needs: [['repeat_attentions']],
  make: ({ sinks }) => ({
    score(layer) {
      const group = layer.heads / layer.kvHeads;
      const peaks = layer.repeatPeaks();
      const scores = layer.counts.map((count, kvHead) => {
        const rows = peaks.slice(kvHead * group, (kvHead + 1) * group);
        return new Float64Array(count).map((_, j) => Math.max(...rows.map((row) => row[j]!)));
      });
      return sinks ? protect(scores, sinks, 0) : scores;
    },
  }),
});
