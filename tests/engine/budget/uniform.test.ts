import { expect, test } from 'vitest';
import { uniform } from '../../../src/engine/budget/uniform.ts';
import { selectFrom } from './layers.ts';

// Two layers of two heads: each keeps its own best two.
test('every head of every layer keeps the same number, its own best', () => {
  const scores = [
    [
      [0.1, 0.9, 0.5, 0.7],
      [4, 3, 2, 1],
    ],
    [
      [0, 0, 0, 1],
      [5, 6, 7, 8],
    ],
  ];
  expect(selectFrom(uniform, scores, [2, 2])).toEqual([
    [
      [1, 3],
      [0, 1],
    ],
    [
      [0, 3],
      [2, 3],
    ],
  ]);
});

test('a budget that is not whole is cut off', () => {
  expect(selectFrom(uniform, [[[1, 2, 3, 4]]], [2.999])).toEqual([[[2, 3]]]);
  expect(selectFrom(uniform, [[[1, 2, 3, 4]]], [0.999])).toEqual([[[]]]);
});

test('a head that holds less keeps what it holds', () => {
  expect(selectFrom(uniform, [[[1, 2, 3, 4], [9], []]], [3])).toEqual([[[1, 2, 3], [0], []]]);
});

test('each layer may have its own', () => {
  expect(selectFrom(uniform, [[[1, 2, 3]], [[1, 2, 3]]], [1, 2])).toEqual([[[2]], [[1, 2]]]);
});
