import { expect, test } from 'vitest';
import { deviations, largest } from '../../../src/engine/measure/deviation.ts';
import { storeOf, watched, write } from '../cache/stores.ts';

// Values of four numbers in four heads, two a layer: -m, -m - 0.1 | -m - 0.2, -m - 0.3. Token 1 holds 5 instead of 2, so that each number is 3 off:
// 9 * 4 numbers * 2 heads = 72 in a layer. What it should hold is 4 * (2.2^2 + 2.3^2) = 4 * (4.84 + 5.29) = 40.52 in layer 1.
test('the squared distance of the values in some layers, and its share', () => {
  const store = storeOf();
  const [right, { cache }] = [watched(store).cache, watched(store)];
  for (const marker of [1, 2, 3]) write(right, marker);
  for (const marker of [1, 5, 3]) write(cache, marker);
  const { apart, relative } = deviations(cache, right, [1]);
  expect([...apart].map((x) => Number(x.toFixed(4)))).toEqual([0, 72, 0]);
  expect([...relative].map((x) => Number(x.toFixed(4)))).toEqual([0, Number((72 / 40.52).toFixed(4)), 0]);
  expect([...deviations(cache, right, [0, 1]).apart].map((x) => Number(x.toFixed(4)))).toEqual([0, 144, 0]);
});

test('the largest come first, and of equal ones the first', () => {
  expect(largest([3, 1, 3, 5], 3)).toEqual([3, 0, 2]);
  expect(largest([3, 1], 5)).toEqual([0, 1]);
  expect(largest([3, 1], 0)).toEqual([]);
});
