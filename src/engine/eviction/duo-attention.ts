import { defineScore, type LayerView } from './types.ts';
import { dot, meanRow, softmax } from './vectors.ts';

/** Keys that the mean query looks at while a head is judged. */
const reach = 500;

/**
 * DuoAttention tells heads that look back far from those that stream: the latter keep the first and the newest entries alone.
 * Based on "DuoAttention: Efficient Long-Context LLM Inference with Retrieval and Streaming Heads" (arXiv 2410.10819); as kvpress DuoAttentionPress.
 *
 *     s[h, j] = 2 for the first `sinks` and the last `recent` entries        else the score of the head, from 0 to 1
 *
 * The rule itself knows no budget but a share of heads that stream, those of the lowest scores. Behind `pool`, where heads share the room, the ends of
 * all heads come first and then the rest of the best heads, so that the bytes decide how many stream.
 * The authors train a gate for each head. What is learned here is kvpress' measure for models that have none. The mean query of a text, at position
 * 499, looks at its mean key at 0 .. 499; a head scores the area under that attention, added up from the start, as a mean over its group and over texts.
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
  learns: {
    name: 'head_scores',
    from: (texts) =>
      texts[0]!.counts.map((_, kvHead) => {
        const areas = texts.flatMap((text) => lookBack(text, kvHead));
        return Float32Array.of(areas.reduce((a, b) => a + b, 0) / areas.length);
      }),
  },
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

/** For each query head of a KV head, the area: near 1 where it looks at the far end, near 0 where it looks at what is next to it. */
function lookBack(text: LayerView, kvHead: number): number[] {
  const { headDim, heads, kvHeads, rope, seq } = text;
  const group = heads / kvHeads;
  const key = meanRow(text.keysBeforeRope(kvHead), headDim);
  return Array.from({ length: group }, (_, g) => {
    const query = Float32Array.from(meanRow(text.queriesBeforeRope(kvHead * group + g, seq), headDim));
    rope.rotate(query, 0, 1, reach - 1);
    const looks = softmax(
      Float64Array.from({ length: reach }, (_, position) => {
        const turned = Float32Array.from(key);
        rope.rotate(turned, 0, 1, position);
        return dot(query, 0, turned, 0, headDim) / Math.sqrt(headDim);
      }),
    );
    // What is paid to position p is part of every later sum.
    return looks.reduce((area, weight, position) => area + (weight * (reach - position)) / reach, 0);
  });
}
