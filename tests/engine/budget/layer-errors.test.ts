import { expect, test } from 'vitest';
import { layerErrors } from '../../../src/engine/budget/layer-errors.ts';
import { layerOf } from '../eviction/layers.ts';
import { randomTensors } from '../eviction/layers.ts';
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

// Twenty tokens of text, of which 16 are left, and four behind them.
test('learns how much is lost where a text is cut', () => {
  const sizes = { seq: 24, heads: 2, kvHeads: 2, headDim: 2 };
  const { keys, queries, values } = randomTensors(4, sizes);
  const lesson = { text: 20, answer: [22, 24], sentence: [0, 1] } as const;
  const learned = (tensors: object) => layerErrors.learns!.from([layerOf({ keys, queries, ...tensors })], [lesson]);
  const [first, second] = learned({ values });
  expect(first![0]).toBeGreaterThan(0);
  expect(first![0]).not.toBe(second![0]);
  // All values are the same: whatever is left says the same.
  const same = learned({ values: values.map((rows) => rows.map(() => [3, 4])) });
  for (const row of same) expect(row[0]).toBeCloseTo(0, 6);
  // A text that is no longer than what is left loses nothing.
  const [none] = layerErrors.learns!.from([layerOf({ keys, queries, values })], [{ ...lesson, text: 16 }]);
  expect(none![0]).toBeCloseTo(0, 6);
});
