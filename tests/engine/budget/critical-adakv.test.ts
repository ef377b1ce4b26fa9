import { expect, test } from 'vitest';
import { criticalAdakv } from '../../../src/engine/budget/critical-adakv.ts';
import { defaults } from '../../../src/engine/settings.ts';
import { layerOf } from '../eviction/layers.ts';
import { listed, scorer } from './layers.ts';

// Values are numbers, and W_O is 1 for either head: an entry moves the output by what its value is.
const layer = layerOf({
  keys: [new Array(5).fill([0]), new Array(5).fill([0])],
  values: [
    [[1], [1], [-10], [1], [3]],
    [[1], [1], [1], [1], [9]],
  ],
  output_projection: [[1, 1]],
});
const scores = [Float64Array.of(9, 8, 1, 7, 6), Float64Array.of(0.5, 0.1, 0.4, 0.2, 0.3)];

const kept = (budget: number, safeguard: number, first: number) => {
  const settings = { ...defaults(criticalAdakv.settings), safeguard, first, epsilon: 0 };
  return listed(criticalAdakv.make(settings, scorer()).select([scores], [budget], [layer]))[0];
};

// 9 and 0.5 are each head's own; 8 and 7 win the rest, so that the heads have three entries and one. Of the three, trunc(1.5) = 1 goes by the scores.
// The others are 8 * 1, 1 * 10, 7 * 1 and 6 * 3.
test('heads compete by the scores, and half of what they win goes by what moves the output', () => {
  expect(kept(2, 0.5, 0.5)).toEqual([[0, 2, 4], [0]]);
});

test('all by the scores is adakv', () => {
  expect(kept(2, 0.5, 1)).toEqual([[0, 1, 3], [0]]);
});

// Without a safeguard, all four are the first head's. None of them is sure: 9, 8, 10, 7 and 18.
test('nothing by the scores but what each head has for itself', () => {
  expect(kept(2, 0, 0)).toEqual([[0, 1, 2, 4], []]);
  // The second head has one of its own, 0.5, although 0.3 * 9 is more.
  expect(kept(2, 0.5, 0)).toEqual([[0, 2, 4], [0]]);
});

test('nothing, and everything', () => {
  expect(kept(0, 0.2, 0.5)).toEqual([[], []]);
  expect(kept(5, 0.2, 0.5)).toEqual([
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3, 4],
  ]);
});
