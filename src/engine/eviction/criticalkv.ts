import { best } from './select.ts';
import { defineScore } from './types.ts';

/** The largest 32-bit float: what a rule gives that must win against every other score, as kvpress does. */
export const certain = 3.4028234663852886e38;

export const epsilon = {
  kind: 'number',
  default: 0.0001,
  min: 0,
  max: 1,
  step: 0.00001,
  about: 'Added to every score, so that a value counts where the rule inside says zero.',
} as const;

/**
 * The second half of the choice: scores that count how much a value can move the output, but for the `sure` best of the rule inside, which get `top`.
 * @param row scores of a head's entries @param norms of their values
 */
export function movers(row: Float64Array, norms: Float64Array, epsilon: number, sure: number, top: number) {
  const scores = row.map((score, entry) => (score + epsilon) * norms[entry]!);
  for (const entry of best(row, sure)) scores[entry] = top;
  return scores;
}

/**
 * CriticalKV asks another rule twice. Half of the budget goes to what that rule likes best; for the other half, its scores are multiplied by how much the
 * value of an entry can move what the layer says.
 * Based on "CriticalKV: Optimizing KV Cache Eviction from an Output Perturbation Perspective" (arXiv 2502.03805); as kvpress CriticalKVPress.
 *
 *     N[h, j] = mean over the group of || W_O V[h, j] ||_1        n = trunc(budget * first), at least 1 where first > 0
 *     s[h, j] = the largest 32-bit float        for the n best of s'[h, :]
 *     s[h, j] = (s'[h, j] + epsilon) * N[h, j]        for the others
 *
 * Scores below zero, as of `knorm`, turn the second half round: a longer value then makes an entry worth less. kvpress multiplies them all the same.
 */
export const criticalkv = defineScore({
  name: 'criticalkv',
  caption: { name: 'CriticalKV', idea: 'what would move the output, of' },
  source: 'arXiv 2502.03805; as kvpress CriticalKVPress',
  settings: {
    first: {
      kind: 'number',
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.01,
      about: 'Share of the budget that the rule inside fills alone.',
    },
    epsilon,
  },
  needs: [['values', 'output_projection']],
  wraps: [{ role: 'score', default: 'snapkv' }],
  usesBudget: () => true,
  make: ({ first, epsilon }, [inner]) => ({
    score(layer, budget) {
      const norms = layer.outputNorms();
      const sure = first > 0 && budget > 0 ? Math.max(1, Math.trunc(budget * first)) : 0;
      return inner!
        .score(layer, budget)
        .map((row, kvHead) => movers(row, norms[kvHead]!, epsilon, Math.min(sure, row.length), certain));
    },
  }),
});
