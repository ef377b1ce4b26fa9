import { expect, test } from 'vitest';
import { protect } from '../../../src/engine/eviction/protect.ts';

test('both ends of every head get the highest score of the layer plus one', () => {
  expect([...protect(Float64Array.of(1, 2, 3, 4, 5, 9, 8, 7), 2, 1, 2)]).toEqual([10, 2, 10, 10, 10, 9, 10, 10]);
});

test('the highest of negative scores is negative', () => {
  expect([...protect(Float64Array.of(-5, -3, -4), 1, 0, 1)]).toEqual([-5, -3, -2]);
});

test('nothing protected, nothing changed', () => {
  expect([...protect(Float64Array.of(1, 2, 3), 1, 0, 0)]).toEqual([1, 2, 3]);
});

test('a score that is not a number does not spoil the protection', () => {
  expect([...protect(Float64Array.of(NaN, 3, 0), 1, 0, 1)]).toEqual([NaN, 3, 4]);
});
