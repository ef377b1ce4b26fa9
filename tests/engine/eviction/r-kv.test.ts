import { expect, test } from 'vitest';
import { rKv } from '../../../src/engine/eviction/r-kv.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

// 0 and 2 are copies, 3 is their opposite and the window. The cosines of a column, what is forgotten in brackets: 0, (1), (-1) for entry 0, as 2 is a
// copy of it and 3 has none; 0, 0, 0; (1), 0, -1; -1, 0, -1. Their sums over four: 0, 0, -1/4, -1/2.
const keys = [
  [
    [1, 0],
    [0, 1],
    [2, 0],
    [-1, 0],
  ],
];
// Logits 1, 0, 2 for the newest query.
const layer = layerOf({ keys, queries: [[[Math.SQRT2, 0]]] });
const close = (row: number[], expected: number[]) =>
  expected.forEach((score, j) => expect(row[j]).toBeCloseTo(score, 5));

test('redundancy alone keeps what the others do not say', () => {
  const total = 2 + Math.exp(-1 / 4) + Math.exp(-1 / 2);
  const last = Math.exp(-1 / 4) / total;
  close(scoresOf(rKv, layer, 2, { window: 1, mix: 0 })[0]!, [-1 / total, -1 / total, -last, 1 - last]);
  expect(keptBy(rKv, layer, 2, { window: 1, mix: 0 })).toEqual([[2, 3]]);
});

test('importance alone keeps what the newest tokens look at, or what stands beside it', () => {
  const total = Math.E + 1 + Math.E ** 2;
  const votes = [Math.E / total, 1 / total, Math.E ** 2 / total];
  close(scoresOf(rKv, layer, 2, { window: 1, kernel: 1, mix: 1 })[0]!, [...votes, votes[2]! + 1]);
  close(scoresOf(rKv, layer, 2, { window: 1, kernel: 3, mix: 1 })[0]!, [
    votes[0]!,
    votes[2]!,
    votes[2]!,
    votes[2]! + 1,
  ]);
});

// A second head asks for the second channel: the higher logit of each key is 1, 3, 2.
test('heads of a group vote by the higher logit', () => {
  const both = layerOf({ keys, queries: [[[Math.SQRT2, 0]], [[0, 3 * Math.SQRT2]]] });
  const total = Math.E + Math.E ** 3 + Math.E ** 2;
  close(scoresOf(rKv, both, 2, { window: 1, kernel: 1, mix: 1 })[0]!, [Math.E / total, Math.E ** 3 / total]);
});

test('its window takes at most half of the budget, and more tokens than it has are refused', () => {
  const settings = { window: 8, kernel: 7, mix: 0.07, threshold: 0.5 };
  expect(rKv.fit!(settings, 512, 10).window).toBe(5);
  expect(() => scoresOf(rKv, layer, 2)).toThrow('there are 4 tokens and the window is 8');
});
