import { epsilon, movers } from '../eviction/criticalkv.ts';
import { best } from '../eviction/select.ts';
import { allot, safeguard } from './adakv.ts';
import { unpromised } from './unpromised.ts';
import { defineBudget } from './types.ts';

/**
 * AdaKV and CriticalKV at once: the heads of a layer compete for room by the scores of the rule inside. Each head fills the first half of what it won by
 * these scores, and the second by the same times how much a value can move what the layer says.
 * Based on arXiv 2502.03805 and 2407.11550; as kvpress CriticalAdaKVPress.
 *
 *     b[h] as under adakv        first: the max(own, trunc(b[h] * first)) best of s'[h, :]
 *     then the best of (s'[h, j] + epsilon) * N[h, j]        N as under criticalkv
 */
export const criticalAdakv = defineBudget({
  name: 'critical-adakv',
  caption: { name: 'CriticalAdaKV', idea: 'heads compete, and values count' },
  source: 'arXiv 2502.03805; as kvpress CriticalAdaKVPress',
  settings: {
    safeguard,
    first: {
      kind: 'number',
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.01,
      about: 'Share of what a head won that the rule inside fills alone.',
    },
    epsilon,
  },
  needs: [['values', 'output_projection']],
  wraps: [{ role: 'score', default: 'snapkv' }],
  make: ({ safeguard, first, epsilon }, scorer) => ({
    scorer: unpromised(scorer),
    select: (scores, budgets, layers) =>
      scores.map((heads, layer) => {
        const { own, counts } = allot(heads, Math.trunc(budgets[layer]!), safeguard);
        const norms = layers[layer]!.outputNorms();
        return heads.map((row, head) => {
          const count = counts[head]!;
          const sure = Math.min(count, Math.max(own, Math.trunc(count * first)));
          return best(movers(row, norms[head]!, epsilon, sure, Infinity), count);
        });
      }),
  }),
});
