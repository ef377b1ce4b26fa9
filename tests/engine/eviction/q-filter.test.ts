import { expect, test } from 'vitest';
import { qFilter } from '../../../src/engine/eviction/q-filter.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

const keys = [
  [
    [2, 5],
    [-1, 3],
    [0, 9],
  ],
];

test('keeps the keys on the other side of the filter', () => {
  const layer = layerOf({ keys, q_filters: [[1, 0]] });
  expect(scoresOf(qFilter, layer, 1)).toEqual([[-2, 1, -0]]);
  expect(keptBy(qFilter, layer, 2)).toEqual([[1, 2]]);
});

test('where nobody learned a filter, says so', () => {
  expect(() => scoresOf(qFilter, layerOf({ keys }), 1)).toThrow('The layer has no q_filters.');
});

// Most queries of the first head point along the first channel, most of the second head against the second one: minus the mean of (1, 0) and (0, -1).
test('learns minus the direction of most queries, averaged over the group', () => {
  const text = layerOf({
    keys,
    queries: [
      [
        [2, 0],
        [3, 0],
        [-1, 0],
      ],
      [
        [0, 7],
        [0, -1],
        [0, -2],
      ],
    ],
  });
  const [filter] = qFilter.learns!.from([text, text]);
  expect([filter![0], filter![1]]).toEqual([expect.closeTo(-0.5, 6), expect.closeTo(0.5, 6)]);
});
