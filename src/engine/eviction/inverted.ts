import { defineScore } from './types.ts';

/**
 * Keeps what another rule would drop first: a control. Where it does as well as the rule itself, the rule has said nothing about this text.
 *
 *     s[h, j] = -s'[h, j]
 */
export const inverted = defineScore({
  name: 'inverted',
  caption: { name: 'inverted', idea: 'the opposite of' },
  source: 'a control: ours',
  settings: {},
  needs: [[]],
  wraps: [{ role: 'score', default: 'h2o' }],
  make: (_settings, [inner]) => ({
    score: (layer, budget) => inner!.score(layer, budget).map((scores) => scores.map((score) => -score)),
  }),
});
