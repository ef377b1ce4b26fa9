import { expect, test } from 'vitest';
import { protect } from '../../../src/engine/eviction/protect.ts';

const rows = (...heads: number[][]) => heads.map((row) => Float64Array.from(row));

test('both ends of every head get the highest score of the layer plus one', () => {
  expect(protect(rows([1, 2, 3, 4], [5, 9, 8, 7]), 1, 2)).toEqual(rows([10, 2, 10, 10], [10, 9, 10, 10]));
});

test('the highest of negative scores is negative', () => {
  expect(protect(rows([-5, -3, -4]), 0, 1)).toEqual(rows([-5, -3, -2]));
});

test('nothing protected, nothing changed', () => {
  expect(protect(rows([1, 2, 3]), 0, 0)).toEqual(rows([1, 2, 3]));
});

test('a score that is not a number does not spoil the protection', () => {
  expect(protect(rows([NaN, 3, 0]), 0, 1)).toEqual(rows([NaN, 3, 4]));
});

test('heads that hold different numbers of entries are protected at their own ends, up to what they hold', () => {
  expect(protect(rows([1, 2, 3, 4], [5], []), 1, 2)).toEqual(rows([6, 2, 6, 6], [6], []));
  expect(protect(rows([1, 2, 3]), 0, 5)).toEqual(rows([4, 4, 4]));
});
