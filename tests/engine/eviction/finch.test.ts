import { expect, test } from 'vitest';
import { finch } from '../../../src/engine/eviction/finch.ts';
import { heldOf, keptBy, layerOf, scoresOf } from './layers.ts';

// The two last tokens are the question. Token 2 counts twice and token 3 three times: (2 * 0.5 + 3 * 0.1) / 2 and (2 * 0.3 + 3 * 0.6) / 2.
const attentions = [
  [
    [1, 0, 0, 0],
    [0.5, 0.5, 0, 0],
    [0.5, 0.3, 0.2, 0],
    [0.1, 0.6, 0.1, 0.2],
  ],
];
const layer = layerOf({ attentions });
const close = (row: number[], expected: number[]) =>
  expected.forEach((score, j) => expect(row[j]).toBeCloseTo(score, 6));

test('a look counts as often as there were tokens to look at', () => {
  close(scoresOf(finch, layer, 3, { window: 2 })[0]!, [0.65, 1.2, 2.2, 2.2]);
  expect(keptBy(finch, layer, 3, { window: 2 })).toEqual([[1, 2, 3]]);
});

test('without that, once', () =>
  close(scoresOf(finch, layer, 3, { window: 2, normalize: false })[0]!, [0.3, 0.45, 1.45, 1.45]));

test('where entries were dropped, the window is what is left of the newest tokens', () => {
  close(scoresOf(finch, heldOf(layer, [[1, 3]]), 1, { window: 2 })[0]!, [1.2, 2.2]);
});

test('its window takes at most half of the budget, and more tokens than it has are refused', () => {
  expect(finch.fit!({ window: 9, normalize: true }, 512, 10)).toEqual({ window: 5, normalize: true });
  expect(finch.fit!({ window: 9, normalize: true }, 4, 100)).toEqual({ window: 3, normalize: true });
  expect(() => scoresOf(finch, layer, 2, { window: 4 })).toThrow('there are 4 tokens and the window is 4');
});
