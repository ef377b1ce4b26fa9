import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interval } from '../../../src/engine/measure/interval.ts';

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
