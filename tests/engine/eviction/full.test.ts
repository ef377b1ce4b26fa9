import { expect, test } from 'vitest';
import { full } from '../../../src/engine/eviction/full.ts';
import { layerOf, scoresOf } from './layers.ts';

test('every position of every head is worth the same', () => {
  const layer = layerOf({
    keys: [
      [[1], [2], [3]],
      [[4], [5], [6]],
    ],
  });
  expect(scoresOf(full, layer, 3)).toEqual([
    [1, 1, 1],
    [1, 1, 1],
  ]);
});
