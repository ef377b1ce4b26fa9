import { evenInLayers } from './even-in-layers.ts';
import { spread } from './spread.ts';
import { defineBudget } from './types.ts';

/**
 * Layers get what their error says: those whose output suffers most when they are cut short, measured beforehand on other texts, keep more.
 * Based on the layer budgets of "CompressKV: Semantic Retrieval Heads Know What Tokens are Not Important Before Generation" (arXiv 2508.02401).
 *
 *     n_l = m + L (budget - m) e_l / sum of e        no more than `most` budgets, nor than there is        e: model/calibration.ts
 *
 * What is above goes to the other layers in equal parts; the authors hand it out greedily. Ours: 4 entries in any case, where the paper has 32.
 */
export const layerErrors = defineBudget({
  name: 'layer-errors',
  caption: { name: 'by measured error', idea: 'more for layers that suffer from cuts' },
  source: 'arXiv 2508.02401, its layer budgets',
  settings: {
    least: {
      kind: 'number',
      default: 4,
      min: 0,
      max: 64,
      step: 1,
      about: 'Entries that every layer keeps in any case.',
    },
    most: { kind: 'number', default: 3, min: 1, max: 10, step: 0.5, about: 'Even budgets that a layer gets at most.' },
  },
  calibration: 'calibration.safetensors',
  needs: [['eviction_error']],
  wraps: [{ role: 'score', default: 'snapkv' }],
  make: ({ least, most }, scorer) => ({
    scorer,
    perLayer: (budget, layers) => {
      const errors = layers.map((layer) => layer.calibrated('eviction_error').data[0]!);
      const longest = Math.max(...layers.flatMap(({ counts }) => counts));
      return spread(errors, budget, Math.min(longest, most * budget), Math.max(least, scorer.window ?? 0));
    },
    select: evenInLayers,
  }),
});
