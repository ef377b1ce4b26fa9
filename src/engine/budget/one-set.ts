import { bestTokens, entriesOf } from './by-token.ts';
import { defineBudget } from './types.ts';

/**
 * One set of tokens for all heads of all layers: a token stays everywhere or nowhere, by the sum of what it scores. That is what a server can do that keeps
 * one table of slots for a request, as IntentKV does. The rule inside must give scores that can be added up over layers; shares of attention can.
 *
 *     S[j] = sum over layers and KV heads of s[l, h, j]        the trunc(budget) best stay
 *
 * Where heads hold different tokens already, each keeps what it has of the set.
 */
export const oneSet = defineBudget({
  name: 'one-set',
  caption: { name: 'one set', idea: 'the same tokens in all layers' },
  source: 'arXiv 2606.09916, its global token set',
  settings: {},
  wraps: [{ role: 'score', default: 'intentkv' }],
  make: (_settings, scorer) => ({
    scorer,
    select(scores, budgets, layers) {
      const mean = budgets.reduce((a, b) => a + b, 0) / budgets.length;
      const stays = bestTokens(scores, layers, mean);
      return layers.map((layer) => entriesOf(stays, layer));
    },
  }),
});
