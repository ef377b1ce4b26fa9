import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interval, meanInterval } from '../../../src/engine/measure/interval.ts';

// The textbook's: 8 of 10 are 0.490 to 0.943, none of 10 are 0 to 0.278.
test.each([
  [8, 10, 0.4902, 0.9433],
  [0, 10, 0, 0.2775],
  [10, 10, 0.7225, 1],
  [50, 100, 0.4038, 0.5962],
])('%i of %i', (right, n, low, high) => {
  const [from, to] = interval(right, n);
  expect(from).toBeCloseTo(low, 4);
  expect(to).toBeCloseTo(high, 4);
});

test('holds the share, and is narrower the more are asked; of nothing it is everything', () => {
  expect(interval(0, 0)).toEqual([0, 1]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const right = Math.round(n * share);
      const [from, to] = interval(right, n);
      expect(from).toBeLessThanOrEqual(right / n + 1e-12);
      expect(to).toBeGreaterThanOrEqual(right / n - 1e-12);
      const [more, less] = interval(4 * right, 4 * n);
      expect(less - more).toBeLessThan(to - from);
    }),
  );
});

test('the interval of a mean is that of samples drawn from the numbers', () => {
  expect(meanInterval([])).toEqual([0, 0]);
  expect(meanInterval([3, 3, 3])).toEqual([3, 3]);
  // Of two numbers a sample has none, one or two of the larger: 1 in 4 means is 0, and 1 in 4 is 2.
  expect(meanInterval([0, 2])).toEqual([0, 2]);
  // Of a hundred, half 0 and half 1, the mean's deviation is 0.05: the ends are about 0.5 - 0.098 and 0.5 + 0.098.
  const [low, high] = meanInterval(Array.from({ length: 100 }, (_, i) => i % 2));
  expect(low).toBeGreaterThan(0.37);
  expect(low).toBeLessThan(0.43);
  expect(high).toBeGreaterThan(0.57);
  expect(high).toBeLessThan(0.63);
});
