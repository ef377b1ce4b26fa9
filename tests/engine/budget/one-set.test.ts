import { expect, test } from 'vitest';
import { oneSet } from '../../../src/engine/budget/one-set.ts';
import { termOf } from '../../../src/engine/lane-spec.ts';
import { makeScorer } from '../../../src/engine/plan.ts';
import { heldOf } from '../eviction/layers.ts';
import { layersOf, listed } from './layers.ts';

const select = (
  scores: number[][][],
  budgets: number[],
  views = layersOf(scores.length, scores[0]![0]!.length, scores[0]!.length),
) =>
  listed(
    oneSet.make({}, makeScorer(termOf('knorm'))).select(
      scores.map((heads) => heads.map((row) => Float64Array.from(row))),
      budgets,
      views,
    ),
  );

// Two layers of two heads; of the four tokens the sums are 4, 6, 5, 6.
const scores = [
  [
    [1, 0, 2, 3],
    [1, 5, 0, 0],
  ],
  [
    [2, 0, 3, 0],
    [0, 1, 0, 3],
  ],
];
const everywhere = (entries: number[]) => [
  [entries, entries],
  [entries, entries],
];

test('the tokens with the highest sums stay in every head of every layer', () => {
  expect(select(scores, [2, 2])).toEqual(everywhere([1, 3]));
  expect(select(scores, [3.9, 3.9])).toEqual(everywhere([1, 2, 3]));
  expect(select(scores, [0, 0])).toEqual(everywhere([]));
  expect(select(scores, [9, 9])).toEqual(everywhere([0, 1, 2, 3]));
});

test('among equal sums the earlier token stays, and one without a number loses', () => {
  expect(select(scores, [1, 1])).toEqual(everywhere([1]));
  const broken = scores.map((heads) => heads.map((row) => [...row]));
  broken[1]![0]![1] = NaN;
  expect(select(broken, [3, 3])).toEqual(everywhere([0, 2, 3]));
});

// Head 0 of layer 0 no longer holds token 1. The sums are still by tokens: entry 0 of it is token 0, entry 1 is token 2, with scores 1, 2 and 3.
test('heads that hold different tokens keep what they have of the set', () => {
  const [first, second] = layersOf(2, 4, 2);
  const held = heldOf(first!, [
    [0, 2, 3],
    [0, 1, 2, 3],
  ]);
  expect(select([[[1, 2, 3], scores[0]![1]!], scores[1]!], [2, 2], [held, second!])).toEqual([
    [[2], [1, 3]],
    [
      [1, 3],
      [1, 3],
    ],
  ]);
});
