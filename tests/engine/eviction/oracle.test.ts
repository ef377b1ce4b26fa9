import { expect, test } from 'vitest';
import { oracle } from '../../../src/engine/eviction/oracle.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

// Column sums 0.6, 0.9, 0.5 and 0.2, 0.3, 1.5: their mean is 0.4, 0.6, 1.
const future_attentions = [
  [
    [0.5, 0.5, 0],
    [0.1, 0.4, 0.5],
  ],
  [
    [0.1, 0.1, 0.8],
    [0.1, 0.2, 0.7],
  ],
];
const keys = [[[0], [0], [0]]];

test('what the answer will pay, added up over its tokens and averaged over the group', () => {
  const layer = layerOf({ keys, future_attentions });
  [0.4, 0.6, 1].forEach((score, j) => expect(scoresOf(oracle, layer, 1)[0]![j]).toBeCloseTo(score, 6));
  expect(keptBy(oracle, layer, 1)).toEqual([[2]]);
  expect(keptBy(oracle, layer, 2)).toEqual([[1, 2]]);
});

test('heads that share nothing know their own future', () => {
  expect(keptBy(oracle, layerOf({ keys: [...keys, ...keys], future_attentions }), 1)).toEqual([[1], [2]]);
});

test('where nobody knows the future, says so', () => {
  expect(() => scoresOf(oracle, layerOf({ keys }), 1)).toThrow('The layer has no future_attentions.');
});
