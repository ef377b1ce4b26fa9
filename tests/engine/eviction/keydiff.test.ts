import { expect, test } from 'vitest';
import { keydiff } from '../../../src/engine/eviction/keydiff.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

// Scaled to length one, the keys add up to (2, 1): the cosines are 2, 2 and 1 over the root of 5.
test('keeps the keys that point away from the mean one, however long they are', () => {
  const layer = layerOf({
    keys: [
      [
        [3, 0],
        [1, 0],
        [0, 5],
      ],
    ],
  });
  const root = Math.sqrt(5);
  [-2 / root, -2 / root, -1 / root].forEach((score, j) =>
    expect(scoresOf(keydiff, layer, 1)[0]![j]).toBeCloseTo(score, 9),
  );
  expect(keptBy(keydiff, layer, 1)).toEqual([[2]]);
  expect(keptBy(keydiff, layer, 2)).toEqual([[0, 2]]);
});

test('keys of length zero, or that cancel out, are like nothing', () => {
  expect(scoresOf(keydiff, layerOf({ keys: [[[0], [0]]] }), 1)).toEqual([[-0, -0]]);
  expect(scoresOf(keydiff, layerOf({ keys: [[[2], [-3]]] }), 1)).toEqual([[-0, -0]]);
});
