import { definePolicy } from './types.ts';

/**
 * StreamingLLM keeps the first few tokens, on which attention rests when it has nowhere else to go, and the most recent ones.
 * Based on "Efficient Streaming Language Models with Attention Sinks" (arXiv 2309.17453).
 *
 *     s[h, j] = 0 for sinks <= j < sinks + (seq - kept), else 1
 *
 * The sinks count inside the budget; in a budget below `sinks`, the first ones stay.
 * Deviation, shared with kvpress: the paper gives kept tokens new positions inside the cache; here the keys stay as they were rotated.
 */
export const streamingLlm = definePolicy({
  name: 'streaming-llm',
  settings: {
    sinks: { kind: 'number', default: 4, min: 0, max: 64, step: 1, about: 'Tokens at the start that always stay.' },
  },
  needs: [[]],
  fit: ({ sinks }, seq) => ({ sinks: Math.min(sinks, seq - 1) }),
  dependsOnBudget: () => true,
  score({ kvHeads, seq }, { sinks }, { kept }) {
    if (seq <= sinks)
      throw new Error(`streaming-llm needs more tokens than sinks: there are ${seq} tokens and ${sinks} sinks.`);
    const scores = new Float64Array(kvHeads * seq).fill(1);
    const dropped = Math.max(0, seq - kept);
    for (let head = 0; head < kvHeads; head++) {
      scores.subarray(head * seq, (head + 1) * seq).fill(0, sinks, sinks + dropped);
    }
    return scores;
  },
});
