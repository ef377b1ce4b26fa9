import { expect, test } from 'vitest';
import { stages } from '../../../src/engine/budget/stages.ts';
import { termOf } from '../../../src/engine/lane-spec.ts';
import { makeScorer } from '../../../src/engine/plan.ts';
import { layersOf, listed } from './layers.ts';

// Four layers of two heads. In the order of worth, summed over the heads: layer 0 likes 0, 1; layer 1 is not asked; layer 2 likes 3, 2, then 1, 0.
const scores = [
  [
    [5, 2, 0, 1],
    [0, 2, 1, 0],
  ],
  [
    [0, 0, 9, 9],
    [0, 0, 9, 9],
  ],
  [
    [0, 1, 3, 4],
    [0, 1, 0, 0],
  ],
  [
    [9, 9, 0, 0],
    [9, 9, 0, 0],
  ],
];

const select = (count: number, recover: boolean, budgets = [2, 2, 2, 2]) =>
  listed(
    stages.make({ count, recover }, makeScorer(termOf('knorm'))).select(
      scores.map((heads) => heads.map((row) => Float64Array.from(row))),
      budgets,
      layersOf(4, 4, 2),
    ),
  ).map(([first, second]) => {
    expect(second).toEqual(first);
    return first;
  });

test('the first layer of a stage chooses for all of it, by the sum over heads', () => {
  expect(select(2, true)).toEqual([
    [0, 1],
    [0, 1],
    [2, 3],
    [2, 3],
  ]);
  expect(select(1, true)).toEqual(new Array(4).fill([0, 1]));
  // No more stages than layers: each chooses for itself.
  expect(select(64, true)).toEqual([
    [0, 1],
    [2, 3],
    [2, 3],
    [0, 1],
  ]);
});

test('without recovery a token that was given up is gone for the layers behind', () => {
  expect(select(2, false)).toEqual(new Array(4).fill([0, 1]));
  // With less at the second stage: of 0 and 1, which are left, layer 2 likes 1.
  expect(select(2, false, [2, 2, 1, 1])).toEqual([[0, 1], [0, 1], [1], [1]]);
  expect(select(2, true, [2, 2, 1, 1])).toEqual([[0, 1], [0, 1], [3], [3]]);
  expect(select(2, true, [0.5, 0.5, 9, 9])).toEqual([[], [], [0, 1, 2, 3], [0, 1, 2, 3]]);
});
