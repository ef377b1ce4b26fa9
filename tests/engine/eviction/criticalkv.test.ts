import { describe, expect, test } from 'vitest';
import { certain, criticalkv } from '../../../src/engine/eviction/criticalkv.ts';
import { makeScorer, usesBudget } from '../../../src/engine/plan.ts';
import { termOf } from '../../../src/engine/lane-spec.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

// The keys are 5, 1, 10 and 2 long, which `inverted(knorm)` takes as scores. W_O v is (v1 + v2, 2 v2): the values move the output by 1, 9, 0 and 4.
const tensors = {
  keys: [
    [
      [3, 4],
      [0, -1],
      [6, 8],
      [2, 0],
    ],
  ],
  values: [
    [
      [1, 0],
      [0, 3],
      [0, 0],
      [2, -2],
    ],
  ],
};
const layer = layerOf({
  ...tensors,
  output_projection: [
    [1, 1],
    [0, 2],
  ],
});

const inner = ['inverted(knorm)'];
const score = (budget: number, first: number, epsilon = 0) =>
  scoresOf(criticalkv, layer, budget, { first, epsilon }, inner);
const kept = (budget: number, first: number) => keptBy(criticalkv, layer, budget, { first, epsilon: 0 }, inner);

describe('two entries of four', () => {
  // 10 is sure; the others are 5 * 1, 1 * 9 and 2 * 4.
  test('half by the rule inside, half by what would move the output', () => {
    expect(score(2, 0.5)).toEqual([[5, 9, certain, 8]]);
    expect(kept(2, 0.5)).toEqual([[1, 2]]);
  });

  test('all by one, or all by the other', () => {
    expect(kept(2, 1)).toEqual([[0, 2]]);
    expect(score(2, 0)).toEqual([[5, 9, 0, 8]]);
    expect(kept(2, 0)).toEqual([[1, 3]]);
  });

  // trunc(3 * 0.5) and trunc(3.9 * 0.5) are 1, trunc(1 * 0.5) is 0.
  test('the first part is cut off, but one entry where it is not forbidden', () => {
    for (const budget of [1, 3, 3.9]) expect(score(budget, 0.5)).toEqual([[5, 9, certain, 8]]);
    expect(score(4, 0.5)).toEqual([[certain, 9, certain, 8]]);
    expect(score(0, 0.5)).toEqual([[5, 9, 0, 8]]);
  });

  // (5 + 1) * 1, (1 + 1) * 9, (10 + 1) * 0, (2 + 1) * 4.
  test('epsilon is added before', () => {
    expect(score(2, 0, 1)).toEqual([[6, 18, 0, 12]]);
  });
});

// The second head reads v1 only, so that N is 0.5 (1 + 1), 0.5 (9 + 0), 0 and 0.5 (4 + 2).
test('heads that share keys: the mean of what each of them would say', () => {
  const shared = layerOf({
    ...tensors,
    output_projection: [
      [1, 1, 1, 0],
      [0, 2, 0, 0],
    ],
  });
  expect(shared.heads).toBe(2);
  expect(scoresOf(criticalkv, shared, 2, { first: 0, epsilon: 0 }, inner)).toEqual([[5, 4.5, 0, 6]]);
});

// A long value of a short key, which knorm likes, is dropped first.
test('scores below zero are turned round, as in kvpress', () => {
  expect(keptBy(criticalkv, layer, 2, { first: 0, epsilon: 0 }, ['knorm'])).toEqual([[0, 2]]);
});

test('promises no window, as only a part goes by the rule inside, and asks for the budget', () => {
  const term = termOf('criticalkv(snapkv(window=3))');
  expect(makeScorer(term).window).toBeUndefined();
  expect(usesBudget(term)).toBe(true);
});
