import { defineScore } from './types.ts';

/**
 * DuoAttention tells heads that look back far from those that stream: the latter keep the first and the newest entries alone.
 * Based on "DuoAttention: Efficient Long-Context LLM Inference with Retrieval and Streaming Heads" (arXiv 2410.10819); as kvpress DuoAttentionPress.
 *
 *     s[h, j] = 2 for the first `sinks` and the last `recent` entries        else the score of the head, from 0 to 1
 *
 * The rule itself knows no budget but a share of heads that stream, those of the lowest scores. Behind `pool`, where heads share the room, the ends of
 * all heads come first and then the rest of the best heads, so that the bytes decide how many stream.
 * The authors train a gate for each head. What is learned here is kvpress' measure for models that have none: where the mean query at the end of a
 * text looks among mean keys, as the area under the attention added up from the start.
 */
export const duoAttention = defineScore({
  name: 'duo-attention',
  entry: 'duoattention',
  caption: { name: 'DuoAttention', idea: 'heads that look far keep all' },
  source: 'arXiv 2410.10819; head scores as kvpress duo_attention_on_the_fly',
  settings: {
    sinks: { kind: 'number', default: 128, min: 0, max: 1024, step: 1, about: 'Oldest entries that every head keeps.' },
    recent: {
      kind: 'number',
      default: 256,
      min: 1,
      max: 8192,
      step: 1,
      about: 'Newest entries that every head keeps.',
    },
  },
  needs: [['head_scores']],
  calibration: 'calibration.safetensors',
  // Both ends take half of the budget of a lane at most, in the same proportion.
  fit: ({ sinks, recent }, _seq, budget) => {
    const share = Math.min(1, budget / 2 / (sinks + recent));
    return { sinks: Math.trunc(sinks * share), recent: Math.max(1, Math.trunc(recent * share)) };
  },
  make: ({ sinks, recent }) => ({
    score(layer) {
      const heads = layer.learned('head_scores');
      return layer.counts.map((count, kvHead) =>
        new Float64Array(count)
          .fill(Math.min(1, Math.max(0, heads[kvHead]!)))
          .fill(2, 0, sinks)
          .fill(2, Math.max(0, count - recent)),
      );
    },
  }),
});
