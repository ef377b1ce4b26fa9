import { describe, expect, test } from 'vitest';
import { bestLevels, levelsOf, nearestLevel } from '../../../src/engine/quantization/levels.ts';

// Four piles in the middles of tenths: 0.05, 0.15 and 0.85, 0.95. Two levels lie in the middle of each pair; with weights 3 and 1 nearer to the heavy one.
test('best levels of four piles', () => {
  const piles = [1, 1, 0, 0, 0, 0, 0, 0, 1, 1];
  const rounded = (levels: Float64Array) => Array.from(levels, (level) => Math.round(level * 1e6) / 1e6);
  expect(rounded(bestLevels(piles, 0, 1, 2))).toEqual([0.1, 0.9]);
  expect(rounded(bestLevels([3, 1, 0, 0, 0, 0, 0, 0, 1, 1], 0, 1, 2))).toEqual([0.075, 0.9]);
});

// Max (1960), table I. The density is summed in pieces of 0.003, so a border between two levels lies between two pieces.
describe('of a normal distribution', () => {
  test.each([
    [2, [-0.798, 0.798]],
    [4, [-1.51, -0.4528, 0.4528, 1.51]],
    [8, [-2.152, -1.344, -0.756, -0.2451, 0.2451, 0.756, 1.344, 2.152]],
  ])('%i levels', (count, levels) => {
    const found = levelsOf((x) => Math.exp((-x * x) / 2), -6, 6, count);
    levels.forEach((level, i) => expect(Math.abs(found[i]! - level)).toBeLessThan(0.01));
  });
});

test('the nearest level; halfway the lower one', () => {
  const levels = [-1, 0, 4];
  expect([-9, -0.6, -0.5, -0.4, 1.9, 2, 2.1, 99].map((x) => nearestLevel(levels, x))).toEqual([0, 0, 0, 1, 1, 1, 2, 2]);
});
