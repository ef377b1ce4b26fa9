import { expect, test } from 'vitest';
import { explained, leastSquares, mapped } from '../../../src/engine/measure/linear-map.ts';

// Rows (1, 0), (0, 1), (1, 1) and M = [[2, 1], [0, 3]]: (1, 0) M = (2, 1), (0, 1) M = (0, 3), (1, 1) M = (2, 4).
const x = Float32Array.of(1, 0, 0, 1, 1, 1);
const y = Float32Array.of(2, 1, 0, 3, 2, 4);

test('a matrix that makes one of the other is found, and explains all of it', () => {
  const map = leastSquares(x, y, 2);
  [2, 1, 0, 3].forEach((is, i) => expect(map[i]).toBeCloseTo(is, 6));
  expect(mapped(x, Float64Array.of(2, 1, 0, 3), 2)).toEqual(y);
  expect(explained(y, mapped(x, map, 2), 2)).toBeCloseTo(1, 6);
});

// One channel: x = 1, 2 and y = 1, 4. The best factor is (1 * 1 + 2 * 4) / (1 + 4) = 9/5, which makes 1.8 and 3.6 of x. Left are 0.64 + 0.16 = 0.8 of the
// squares around the mean 2.5, which are 2.25 + 2.25 = 4.5: 1 - 0.8 / 4.5 = 0.822.
test('what cannot be made is left, and counts against the squares around the mean', () => {
  const [keys, values] = [Float32Array.of(1, 2), Float32Array.of(1, 4)];
  const map = leastSquares(keys, values, 1);
  expect(map[0]).toBeCloseTo(1.8, 6);
  expect(explained(values, mapped(keys, map, 1), 1)).toBeCloseTo(1 - 0.8 / 4.5, 6);
});

test('the mean explains nothing, and what is further off less than nothing', () => {
  expect(explained(Float32Array.of(1, 3), Float32Array.of(2, 2), 1)).toBe(0);
  expect(explained(Float32Array.of(1, 3), Float32Array.of(3, 1), 1)).toBe(-3);
});

test('of a direction without any numbers nothing is made', () => {
  const map = leastSquares(Float32Array.of(1, 0, 2, 0), Float32Array.of(1, 1, 2, 2), 2);
  [1, 1, 0, 0].forEach((is, i) => expect(map[i]).toBeCloseTo(is, 6));
});
