import { listOf } from '../settings.ts';
import { evenInLayers } from './even-in-layers.ts';
import { spread } from './spread.ts';
import { defineBudget } from './types.ts';

/**
 * Layers get what is written: a list of shares, of which only the proportions count, as the budget says how much there is.
 * After kvpress PerLayerCompressionPress, which takes for each layer the part to remove: removing 25 % and 75 % is `shares=3:1` at a budget of a half.
 *
 *     n_l = L * budget * share_l / sum of shares        no more than there is: what is above goes to the other layers in equal parts
 *
 * A list that is too short goes on with its last number; of one that is too long the rest is not read.
 */
export const byLayer = defineBudget({
  name: 'by-layer',
  caption: { name: 'by layer', idea: 'layers get the shares that are written' },
  source: 'kvpress PerLayerCompressionPress',
  settings: {
    shares: {
      kind: 'list',
      default: '4:3:2:1',
      min: 0,
      max: 100,
      step: 0.05,
      longest: 32,
      about: 'What each layer gets in proportion to the others, the first layer first.',
    },
  },
  wraps: [{ role: 'score', default: 'snapkv' }],
  detail: ({ shares }) => shares,
  make: ({ shares }, scorer) => ({
    scorer,
    perLayer: (budget, views) =>
      views.map(({ layer, layers, counts }) => {
        const list = listOf(shares);
        const weights = Array.from({ length: layers }, (_, at) => list[Math.min(at, list.length - 1)]!);
        return spread(weights, budget, Math.max(...counts))[layer]!;
      }),
    select: evenInLayers,
  }),
});
