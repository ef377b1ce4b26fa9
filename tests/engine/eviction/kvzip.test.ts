import { expect, test } from 'vitest';
import { kvzip } from '../../../src/engine/eviction/kvzip.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

// The most that either head pays while the text is read again: 0.5, 0.875, 0.625.
const layer = layerOf(
  {
    values: [[[0], [0], [0]]],
    repeat_attentions: [
      [
        [0.5, 0.25, 0.125],
        [0.125, 0.875, 0],
      ],
      [
        [0.25, 0.125, 0.625],
        [0, 0.125, 0.125],
      ],
    ],
  },
  { kv_heads: '1' },
);

test('keeps what a second reading looks at, in any head of the group', () => {
  expect(scoresOf(kvzip, layer, 2)).toEqual([[0.5, 0.875, 0.625]]);
  expect(keptBy(kvzip, layer, 1)).toEqual([[1]]);
  expect(keptBy(kvzip, layer, 2)).toEqual([[1, 2]]);
});

test('sinks, where they are asked for', () => {
  expect(scoresOf(kvzip, layer, 2, { sinks: 1 })).toEqual([[1.875, 0.875, 0.625]]);
});
