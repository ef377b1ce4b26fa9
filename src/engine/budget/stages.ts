import { bestTokens, entriesOf } from './by-token.ts';
import { defineBudget, type Kept } from './types.ts';

/**
 * The first layer of each stage chooses, and all layers of the stage keep those tokens. At the next stage every token competes again; without `recover`
 * only those that the stage before kept do, so that a token that was given up once is gone for all layers behind.
 * What "Reroute, Don't Remove: Recoverable Visual Token Routing for Vision-Language Models" (arXiv 2606.12412) leaves in a cache, against deletion; its own
 * score is what the last token looks at, mean over heads: `tova`.
 *
 *     S[j] = sum over KV heads of s[l, h, j], l the first layer of the stage        the trunc(budget) best stay in the layers of the stage
 *
 * Deviations: the paper's layers pass over a token that was not chosen, which saves its work and leaves its state as it was; here every token was read by
 * all layers before anybody chose. Stages here are of equal length, and all tokens compete, where the paper leaves text alone.
 */
export const stages = defineBudget({
  name: 'stages',
  entry: 'reroute',
  caption: { name: 'stages', idea: 'some layers choose for those behind them' },
  source: 'arXiv 2606.12412, what it leaves in the cache',
  settings: {
    count: { kind: 'number', default: 2, min: 1, max: 64, step: 1, about: 'Stages that the layers are parted into.' },
    recover: {
      kind: 'switch',
      default: true,
      about: 'What a stage gave up competes again at the next; off, it is gone.',
    },
  },
  detail: ({ recover }) => (recover ? 'rerouted' : 'deleted'),
  wraps: [{ role: 'score', default: 'tova' }],
  make: ({ count, recover }, scorer) => ({
    scorer,
    select(scores, budgets, layers) {
      const stageOf = (at: number) => Math.floor((at * Math.min(count, layers.length)) / layers.length);
      let stays: Set<number> | undefined;
      const kept: Kept[number][] = [];
      layers.forEach((layer, at) => {
        if (!at || stageOf(at) !== stageOf(at - 1)) {
          stays = bestTokens([scores[at]!], [layer], budgets[at]!, recover ? undefined : stays);
        }
        kept.push(entriesOf(stays!, layer));
      });
      return kept;
    },
  }),
});
