import { expect, test } from 'vitest';
import { oracle } from '../../../src/engine/eviction/oracle.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

// The means of the two heads are 0.3, 0.3, 0.4 and 0.1, 0.3, 0.6: the most that a row pays is 0.3, 0.3, 0.6.
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

test('the most that a coming row will pay, averaged over the group', () => {
  const layer = layerOf({ keys, future_attentions });
  [0.3, 0.3, 0.6].forEach((score, j) => expect(scoresOf(oracle, layer, 1)[0]![j]).toBeCloseTo(score, 6));
  expect(keptBy(oracle, layer, 1)).toEqual([[2]]);
});

test('heads that share nothing know their own future', () => {
  expect(keptBy(oracle, layerOf({ keys: [...keys, ...keys], future_attentions }), 1)).toEqual([[0], [2]]);
});

test('where nobody knows the future, says so', () => {
  expect(() => scoresOf(oracle, layerOf({ keys }), 1)).toThrow('The layer has no future_attentions.');
});
