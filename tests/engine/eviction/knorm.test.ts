import { expect, test } from 'vitest';
import { knorm } from '../../../src/engine/eviction/knorm.ts';
import { heldOf, keptBy, layerOf, scoresOf } from './layers.ts';

// The lengths are 5, 1, 10, 0 in the first head and 0, 13, 2, 1 in the second.
const layer = layerOf({
  keys: [
    [
      [3, 4],
      [0, -1],
      [6, 8],
      [0, 0],
    ],
    [
      [0, 0],
      [5, 12],
      [2, 0],
      [0, 1],
    ],
  ],
});

test('each head keeps its shortest keys', () => {
  expect(scoresOf(knorm, layer, 2)).toEqual([
    [-5, -1, -10, -0],
    [-0, -13, -2, -1],
  ]);
  expect(keptBy(knorm, layer, 2)).toEqual([
    [1, 3],
    [0, 3],
  ]);
  expect(keptBy(knorm, layer, 3)).toEqual([
    [0, 1, 3],
    [0, 2, 3],
  ]);
});

test('heads may hold different numbers of entries', () => {
  expect(scoresOf(knorm, heldOf(layer, [[1, 2, 3], [2]]), 1)).toEqual([[-1, -10, -0], [-2]]);
});
