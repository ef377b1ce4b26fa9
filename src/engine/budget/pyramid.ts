import { evenInLayers } from './even-in-layers.ts';
import { roundHalfEven } from '../round.ts';
import { defineBudget } from './types.ts';

/**
 * PyramidKV gives early layers much and late layers little, in equal steps.
 * Based on "PyramidKV: Dynamic KV Cache Compression based on Pyramidal Information Funneling" (arXiv 2406.02069); as kvpress PyramidKVPress.
 *
 *     T = budget      min = T / beta      max = 2 T - min      where max >= q - w: max = q - w, min = 2 T - max
 *     n_l = round(max - l (max - min) / (L - 1))        if q >= max >= min >= w, else round(T) in every layer
 *
 * q are the tokens read, w the newest entries that the rule inside never gives up, L the layers; halves are rounded to even. With short texts the
 * last case is the usual one, as beta = 20 needs T >= 20 w.
 */
export const pyramid = defineBudget({
  name: 'pyramid',
  entry: 'pyramidkv',
  caption: { name: 'PyramidKV', idea: 'much for early layers, little for late ones' },
  source: 'arXiv 2406.02069; as kvpress PyramidKVPress',
  settings: {
    beta: { kind: 'number', default: 20, min: 1, max: 100, step: 0.5, about: 'The mean budget over the smallest one.' },
  },
  wraps: [{ role: 'score', default: 'snapkv' }],
  make: ({ beta }, scorer) => ({
    scorer,
    perLayer: (budget, layers) =>
      layers.map(({ seq, layer, layers: all }) => layerBudget(budget, seq, layer, all, scorer.window ?? 0, beta)),
    select: evenInLayers,
  }),
});

function layerBudget(mean: number, seq: number, layer: number, layers: number, window: number, beta: number): number {
  // Written as kvpress computes it, so that the last bit agrees where a half is rounded.
  const total = window + mean - window;
  let low = total / beta;
  let high = total * 2 - low;
  if (high >= seq - window) {
    high = seq - window;
    low = total * 2 - high;
  }
  if (!(seq >= high && high >= low && low >= window) || layers === 1) return roundHalfEven(total);
  return roundHalfEven(high - layer * ((high - low) / (layers - 1)));
}
