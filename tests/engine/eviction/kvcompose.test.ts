import { expect, test } from 'vitest';
import { kvcompose } from '../../../src/engine/eviction/kvcompose.ts';
import { heldOf, keptBy, layerOf, scoresOf } from './layers.ts';

// The most that each head pays: 0.5, 0.75, 0.25 and 0.25, 0.25, 0.75; the mean is 0.375, 0.5, 0.5.
const row = [[0], [0], [0]];
const layer = layerOf({
  values: [row, row],
  repeat_attentions: [
    [
      [0.5, 0.25, 0.25],
      [0.25, 0.75, 0],
    ],
    [
      [0.25, 0.25, 0.5],
      [0, 0.25, 0.75],
    ],
  ],
});

test('what a head looks at when the text is read again, and what the others look at', () => {
  expect(scoresOf(kvcompose, layer, 1)).toEqual([
    [0.875, 1.25, 0.75],
    [0.625, 0.75, 1.25],
  ]);
  expect(keptBy(kvcompose, layer, 1)).toEqual([[1], [2]]);
  expect(scoresOf(kvcompose, layer, 1, { common: false })).toEqual([
    [0.5, 0.75, 0.25],
    [0.25, 0.25, 0.75],
  ]);
});

test('heads that hold other tokens average over those that hold the same', () => {
  expect(scoresOf(kvcompose, heldOf(layer, [[0, 1], [1]]), 1)).toEqual([[1, 1.25], [0.75]]);
});
