import { evenInLayers } from './even-in-layers.ts';
import { defineBudget } from './types.ts';

/**
 * The same number of entries for every head of every layer: trunc(budget), kvpress' rule. What a lane does whose budget is not written out.
 */
export const uniform = defineBudget({
  name: 'uniform',
  caption: { name: 'Uniform', idea: 'the same for every head' },
  source: 'kvpress ScorerPress',
  settings: {},
  wraps: [{ role: 'score', default: 'full' }],
  make: (_settings, scorer) => ({
    scorer,
    select: evenInLayers,
  }),
});
