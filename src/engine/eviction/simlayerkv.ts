import { attentionNeeds, newestProducts } from './needs.ts';
import { newerThan } from './newer-than.ts';
import { defineScore, type LayerView } from './types.ts';

/**
 * SimLayerKV finds lazy layers, whose newest tokens look at the first and the latest entries alone, and takes from these what lies between.
 * Based on "SimLayerKV: A Simple Framework for Layer-Level KV Cache Reduction" (arXiv 2410.13846); as kvpress SimLayerKVPress.
 *
 *     a = mean over heads and the last n queries of  sum of A[h, i, j] over the first `first` and the last `recent` j < seq - n
 *     lazy        a > threshold, threshold < 1 and seq > first + recent + n
 *     s[h, j] = 2 for the first `first` and the last `recent` - n entries        else  -a in a lazy layer, 1 - a in another
 *
 * The rule itself knows no budget: a layer that is not lazy keeps all. Behind `pool`, where layers share the room, the ends of all layers come first,
 * then the laziest layers give up the rest before others do. Entries at both ends count twice in a, as in kvpress.
 */
export const simlayerkv = defineScore({
  name: 'simlayerkv',
  caption: { name: 'SimLayerKV', idea: 'lazy layers keep their ends' },
  source: 'arXiv 2410.13846; as kvpress SimLayerKVPress',
  settings: {
    threshold: {
      kind: 'number',
      default: 0.9,
      min: 0,
      max: 1,
      step: 0.01,
      about: 'A layer is lazy above it; 1 is off.',
    },
    first: { kind: 'number', default: 4, min: 0, max: 64, step: 1, about: 'Oldest entries that a lazy layer keeps.' },
    recent: { kind: 'number', default: 1024, min: 1, max: 8192, step: 1, about: 'Newest entries that it keeps.' },
    last: { kind: 'number', default: 1, min: 1, max: 64, step: 1, about: 'Newest tokens whose looks decide.' },
  },
  needs: attentionNeeds,
  products: ({ last }, seq) => newestProducts(last, seq),
  // Both ends take half of the budget of a lane at most; the newest tokens need others to look at.
  fit: (settings, seq, budget) => {
    const last = Math.min(settings.last, Math.max(1, seq - 1));
    const room = Math.max(2, Math.trunc(budget / 2));
    const first = Math.min(settings.first, Math.trunc(room / 2));
    return { ...settings, last, first, recent: Math.min(settings.recent, room - first + last) };
  },
  make: ({ threshold, first, recent, last }) => ({
    score(layer) {
      const share = endShare(layer, first, recent, last);
      const lazy = share > threshold && threshold < 1 && layer.seq > first + recent + last;
      return layer.counts.map((count) =>
        new Float64Array(count)
          .fill(lazy ? -share : 1 - share)
          .fill(2, 0, first)
          .fill(2, Math.max(0, count - Math.max(0, recent - last))),
      );
    },
  }),
});

/** The share of attention that the newest tokens pay to both ends of what is older than they are. */
function endShare(layer: LayerView, first: number, recent: number, last: number): number {
  const group = layer.heads / layer.kvHeads;
  const shares = layer.attentionSums(last).map((sums, head) => {
    const newer = newerThan(layer.tokens(Math.floor(head / group)), layer.seq - last);
    const older = sums.subarray(0, sums.length - newer);
    return add(older.subarray(0, first)) + add(older.subarray(Math.max(0, older.length - recent)));
  });
  return add(shares) / (shares.length * last);
}

function add(numbers: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i]!;
  return sum;
}
