import { expect, test } from 'vitest';
import { leverage, normal, sketchOf } from '../../../src/engine/eviction/leverage.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

// Nine keys along one line, which their mean lies on, and one that leaves it.
const keys = [[...Array.from({ length: 9 }, (_, j) => [j - 4, 0]), [0, 3]]];

test('whatever the sketch, keeps the key that the others do not span', () => {
  for (let seed = 0; seed < 20; seed++) {
    const settings = { seed, sketch: 8 };
    expect(keptBy(leverage, layerOf({ keys_prerope: keys }), 1, settings)).toEqual([[9]]);
  }
});

// One number a key: x^2 / (sum of squares + 0.01), of which the z-scores know neither the sum nor the length of the sketch.
test('by hand, with a sketch of one number and keys of one channel', () => {
  const layer = layerOf({ keys_prerope: [[[0], [1], [2], [5]]] });
  const squares = [4, 1, 0, 9];
  const deviation = Math.sqrt((0.25 + 6.25 + 12.25 + 30.25) / 3);
  squares.forEach((square, j) =>
    expect(scoresOf(leverage, layer, 2, { sketch: 1 })[0]![j]).toBeCloseTo((square - 3.5) / deviation, 6),
  );
});

test('draws from a normal distribution, other numbers for each seed and head', () => {
  const draws = Array.from({ length: 4000 }, () => 0);
  const random = sketchOf(1, 2);
  draws.forEach((_, i) => (draws[i] = normal(random)));
  const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
  const square = draws.reduce((sum, x) => sum + x * x, 0) / draws.length;
  // Five standard errors: 5 / sqrt(4000), and 5 sqrt(2 / 4000).
  expect(Math.abs(mean)).toBeLessThan(0.08);
  expect(Math.abs(square - 1)).toBeLessThan(0.12);
  expect(new Set([normal(sketchOf(0, 0)), normal(sketchOf(1, 0)), normal(sketchOf(0, 1))]).size).toBe(3);
});
