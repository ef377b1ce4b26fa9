import { expect, test } from 'vitest';
import { knorm } from '../../../src/engine/eviction/knorm.ts';
import { protectedScore } from '../../../src/engine/eviction/protected.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

// One head of six keys, of the lengths 5, 1, 2, 3, 4, 6: the shortest are kept first.
const layer = layerOf({ keys: [[[5], [1], [2], [3], [4], [6]]] });

test('the first and the newest stay, the rule chooses among the rest', () => {
  expect(keptBy(knorm, layer, 3)).toEqual([[1, 2, 3]]);
  expect(scoresOf(protectedScore, layer, 3, { first: 1, last: 1 }, ['knorm'])).toEqual([[0, -1, -2, -3, -4, 0]]);
  expect(keptBy(protectedScore, layer, 3, { first: 1, last: 1 }, ['knorm'])).toEqual([[0, 1, 5]]);
  expect(keptBy(protectedScore, layer, 3, { first: 0, last: 2 }, ['knorm'])).toEqual([[1, 4, 5]]);
});

test('with nothing to protect it is the rule', () => {
  expect(scoresOf(protectedScore, layer, 3, { first: 0, last: 0 }, ['knorm'])).toEqual(scoresOf(knorm, layer, 3));
});

test('leaves at least half of the budget to the rule', () => {
  const fit = (first: number, last: number, budget: number) => protectedScore.fit!({ first, last }, 512, budget);
  expect(fit(1, 9, 128)).toEqual({ first: 1, last: 9 });
  expect(fit(1, 9, 12.9)).toEqual({ first: 1, last: 5 });
  expect(fit(4, 9, 5)).toEqual({ first: 2, last: 0 });
  expect(fit(1, 9, 0.5)).toEqual({ first: 0, last: 0 });
});
