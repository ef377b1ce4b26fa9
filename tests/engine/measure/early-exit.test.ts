import { expect, test } from 'vitest';
import { entropyOf, exitOf, thetaOf } from '../../../src/engine/measure/early-exit.ts';

test('entropy: ln 4 of four equal words, and nothing of one that is certain', () => {
  expect(entropyOf(Float32Array.of(1, 1, 1, 1))).toBeCloseTo(Math.log(4), 12);
  expect(entropyOf(Float32Array.of(100, 0, 0, 0))).toBeCloseTo(0, 12);
});

test('a pass ends behind the second layer at the earliest, and where it is sure and stands still', () => {
  expect(exitOf([0.1, 0.1, 0.1, 0.1], 1, 1)).toBe(2);
  expect(exitOf([5, 0.9, 0.8, 0], 1, 1)).toBe(3); // sure at 2, but it has moved by 4.1
  expect(exitOf([5, 4.9, 0.8, 0], 1, 1)).toBe(4);
  expect(exitOf([2, 1, 0, 0], 1, 3)).toBe(3); // below, not at
  expect(exitOf([2, 1, 0, 0], 3, 1)).toBe(4);
  expect(exitOf([3], 9, 9)).toBe(1);
});

// At an epsilon of 1 the first stands still at 2.5, the second at 4, and the third nowhere before its end, 0.
test('theta is the median of where words first stand still', () => {
  const words = [
    [3, 2.5, 1, 0],
    [7, 5, 4.5, 0],
    [9, 6, 3, 0],
  ];
  expect(thetaOf(words, 1)).toBe(2.5);
  expect(thetaOf([], 1)).toBe(0);
});
