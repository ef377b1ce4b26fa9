import { expect, test } from 'vitest';
import { layerErrors } from '../../../src/engine/budget/layer-errors.ts';
import { layerOf } from '../eviction/layers.ts';
import { scorer } from './layers.ts';

const layers = [0.5, 0.25, 0.25].map((error) =>
  layerOf({ keys: [new Array<number[]>(40).fill([0])], eviction_error: [error] }),
);
const perLayer = (budget: number, least: number, most: number, window?: number) =>
  layerErrors.make({ least, most }, scorer(window)).perLayer!(budget, layers);

test('shares by error', () => {
  expect(perLayer(8, 0, 3)).toEqual([12, 6, 6]);
});

// Two each, and 18 by error.
test('behind what every layer keeps in any case, or the rule inside never gives up', () => {
  expect(perLayer(8, 2, 3)).toEqual([11, 6.5, 6.5]);
  expect(perLayer(8, 0, 3, 2)).toEqual([11, 6.5, 6.5]);
  expect(perLayer(1, 2, 3)).toEqual([1, 1, 1]);
});

// 12 of which 10 are allowed: one more for each of the others.
test('no layer gets more than so many even budgets, or than there is', () => {
  expect(perLayer(8, 0, 1.25)).toEqual([10, 7, 7]);
  expect(perLayer(32, 0, 3)).toEqual([40, 28, 28]);
});
