import { defineScore } from './types.ts';

/**
 * StreamingLLM keeps the first few tokens, on which attention rests when it has nowhere else to go, and the most recent ones.
 * Based on "Efficient Streaming Language Models with Attention Sinks" (arXiv 2309.17453).
 *
 *     s[h, j] = 0 for sinks <= j < sinks + (count - budget), else 1
 *
 * The sinks count inside the budget; in a budget below `sinks`, the first ones stay.
 * Deviation, shared with kvpress: the paper gives kept tokens new positions inside the cache; here the keys stay as they were rotated, unless
 * `rerotate` is added.
 */
export const streamingLlm = defineScore({
  name: 'streaming-llm',
  caption: { name: 'StreamingLLM', idea: 'sinks and the latest' },
  source: 'arXiv 2309.17453',
  settings: {
    sinks: { kind: 'number', default: 4, min: 0, max: 64, step: 1, about: 'Tokens at the start that always stay.' },
  },
  needs: [[]],
  usesBudget: () => true,
  fit: ({ sinks }, seq) => ({ sinks: Math.min(sinks, seq - 1) }),
  make: ({ sinks }) => ({
    score({ counts, seq }, budget) {
      if (seq <= sinks) {
        throw new Error(`streaming-llm needs more tokens than sinks: there are ${seq} tokens and ${sinks} sinks.`);
      }
      return counts.map((count) => {
        const dropped = Math.max(0, count - Math.trunc(budget));
        return new Float64Array(count).fill(1).fill(0, sinks, sinks + dropped);
      });
    },
  }),
});
