import { defineScore } from './types.ts';
import { softmax } from './vectors.ts';

/**
 * LagKV judges each stretch of the cache by the one that follows it: what lies outside the range of its successor, in some channels and not in others,
 * is unusual and stays. Based on "LagKV: Lag-Relative Information of the KV Cache Tells Which Tokens Are Important" (arXiv 2504.04704); as kvpress
 * LagKVPress.
 *
 *     z = (x - min) / (max - min)        by channel, min and max over the next stretch of `lag` entries
 *     t_j = softmax over the stretch of std(z_j)        over channels, with n - 1
 *     s[h, j] = (t_j of keys + t_j of values) / 2        `ranks`: its rank in its stretch / lag
 *
 * The first `sinks` entries, the last whole stretch and what is behind it score 1. With fewer than sinks + 2 lag entries there is nothing to compare,
 * and the newest stay. Where a channel is constant in the next stretch it says nothing, and counts as 0; kvpress divides by zero.
 * In a lane a stretch is short enough that what always stays leaves half of the budget.
 */
export const lagkv = defineScore({
  name: 'lagkv',
  caption: { name: 'LagKV', idea: 'what the next stretch does not repeat' },
  source: 'arXiv 2504.04704; as kvpress LagKVPress',
  settings: {
    lag: { kind: 'number', default: 128, min: 2, max: 1024, step: 1, about: 'Entries in a stretch.' },
    sinks: { kind: 'number', default: 4, min: 0, max: 64, step: 1, about: 'Tokens at the start that always stay.' },
    ranks: { kind: 'switch', default: true, about: 'Every stretch gives up the same share; off, stretches compete.' },
  },
  needs: [['keys', 'values']],
  // Sinks, the last stretch and up to one less behind it always stay.
  fit: ({ lag, sinks, ranks }, _seq, budget) => {
    const room = Math.trunc(budget / 2);
    const ends = Math.min(sinks, room);
    return { lag: Math.max(2, Math.min(lag, Math.trunc((room - ends + 1) / 2))), sinks: ends, ranks };
  },
  make: ({ lag, sinks, ranks }) => ({
    score: (layer) =>
      layer.counts.map((count, kvHead) => {
        if (count < sinks + 2 * lag) return newest(count, sinks);
        const scores = new Float64Array(count).fill(1);
        const last = sinks + (Math.trunc((count - sinks) / lag) - 1) * lag;
        const sides = [layer.keys(kvHead), layer.values(kvHead)];
        for (let from = sinks; from < last; from += lag) {
          const [keys, values] = sides.map((rows) => unusual(rows, from, lag, layer.headDim));
          const stretch = keys!.map((score, i) => (score + values![i]!) / 2);
          scores.set(ranks ? rankShares(stretch) : stretch, from);
        }
        return scores;
      }),
  }),
});

const newest = (count: number, sinks: number) =>
  new Float64Array(count).map((_, j) => (j < sinks ? 1 : (j - sinks) / (count - sinks)));

/** How far the entries of a stretch stand out, seen from the next one. @param rows [count, width] @returns [lag] */
function unusual(rows: Float32Array, from: number, lag: number, width: number): Float64Array {
  const low = new Float64Array(width).fill(Infinity);
  const high = new Float64Array(width).fill(-Infinity);
  for (let at = (from + lag) * width; at < (from + 2 * lag) * width; at++) {
    low[at % width] = Math.min(low[at % width]!, rows[at]!);
    high[at % width] = Math.max(high[at % width]!, rows[at]!);
  }
  const scaled = new Float64Array(width);
  const spreads = new Float64Array(lag).map((_, i) => {
    for (let c = 0; c < width; c++) {
      const range = high[c]! - low[c]!;
      scaled[c] = range ? (rows[(from + i) * width + c]! - low[c]!) / range : 0;
    }
    return deviation(scaled);
  });
  return softmax(spreads);
}

function deviation(row: Float64Array): number {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  return Math.sqrt(row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, row.length - 1));
}

/** Ranks from 0, divided by how many there are; of equals the earlier is lower. */
function rankShares(scores: Float64Array): Float64Array {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const shares = new Float64Array(scores.length);
  order.forEach((entry, rank) => (shares[entry] = rank / scores.length));
  return shares;
}
