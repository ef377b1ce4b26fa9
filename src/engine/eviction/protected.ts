import { protect } from './protect.ts';
import { defineScore } from './types.ts';

/**
 * Lets another rule choose, but never gives up the first and the newest entries: the token on which attention rests, and a question that is known
 * already. Rules that do not look at what was asked drop it with the rest, and then nobody knows what to answer.
 *
 *     s[h, j] = max s' + 1        j < first or j >= count - last        else s'[h, j]
 */
export const protectedScore = defineScore({
  name: 'protected',
  caption: { name: 'protected', idea: 'first and newest stay, the rest' },
  source: 'a control: ours',
  settings: {
    first: { kind: 'number', default: 1, min: 0, max: 64, step: 1, about: 'Oldest entries that always stay.' },
    last: {
      kind: 'number',
      default: 9,
      min: 0,
      max: 256,
      step: 1,
      about: 'Newest entries that always stay; a question here has six to nine words.',
    },
  },
  needs: [[]],
  wraps: [{ role: 'score', default: 'random' }],
  // As elsewhere, what is protected leaves at least half of the budget to the rule.
  fit: ({ first, last }, _seq, budget) => {
    const half = Math.trunc(budget / 2);
    return { first: Math.min(first, half), last: Math.min(last, Math.max(0, half - Math.min(first, half))) };
  },
  make: ({ first, last }, [inner]) => ({
    score: (layer, budget) =>
      protect(
        inner!.score(layer, budget).map((scores) => scores.slice()),
        first,
        last,
      ),
  }),
});
