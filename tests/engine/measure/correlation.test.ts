import { expect, test } from 'vitest';
import { Correlation } from '../../../src/engine/measure/correlation.ts';

const of = (pairs: readonly (readonly [number, number])[]) => {
  const correlation = new Correlation();
  for (const [x, y] of pairs) correlation.add(x, y);
  return correlation.r;
};

// Means 2 and 11 / 3: products of what is off add up to 3, squares to 2 and 14 / 3.
test('Pearson’s r', () => {
  expect(
    of([
      [1, 2],
      [2, 4],
      [3, 5],
    ]),
  ).toBeCloseTo(3 / Math.sqrt(28 / 3), 12);
});

test('the same line falling is -1; what never changes goes with nothing', () => {
  expect(
    of([
      [1, 3],
      [2, 1],
      [3, -1],
    ]),
  ).toBeCloseTo(-1, 12);
  expect(
    of([
      [1, 7],
      [2, 7],
    ]),
  ).toBe(0);
  expect(of([])).toBe(0);
});
