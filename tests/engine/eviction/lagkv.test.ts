import { expect, test } from 'vitest';
import { lagkv } from '../../../src/engine/eviction/lagkv.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

// One sink, a stretch of two, its successor whose range is 0 to 2 in both channels, and one more. Scaled, the stretch is (0, 1) and (0.5, 0.5): they
// spread by the root of 0.5 and by 0.
const rows = [
  [
    [9, 9],
    [0, 2],
    [1, 1],
    [0, 0],
    [2, 2],
    [7, 7],
  ],
];
const layer = layerOf({ keys: rows, values: rows });
const settings = { lag: 2, sinks: 1 };

test('keeps what its successor does not repeat; the ends always stay', () => {
  expect(scoresOf(lagkv, layer, 5, settings)).toEqual([[1, 0.5, 0, 1, 1, 1]]);
  expect(keptBy(lagkv, layer, 5, settings)).toEqual([[0, 1, 3, 4, 5]]);
  expect(keptBy(lagkv, layer, 4, settings)).toEqual([[0, 3, 4, 5]]);
  // e^0.7071 = 2.0281
  const shares = scoresOf(lagkv, layer, 5, { ...settings, ranks: false })[0]!;
  [1, 2.02811 / 3.02811, 1 / 3.02811, 1, 1, 1].forEach((score, j) => expect(shares[j]).toBeCloseTo(score, 5));
});

test('without two whole stretches the newest stay', () => {
  expect(scoresOf(lagkv, layer, 3, { lag: 3, sinks: 1 })).toEqual([[1, 0, 0.2, 0.4, 0.6, 0.8]]);
  expect(keptBy(lagkv, layer, 3, { lag: 3, sinks: 1 })).toEqual([[0, 4, 5]]);
});

test('a channel that does not move in the next stretch says nothing', () => {
  const still = [[[0], [5], [1], [1]]];
  expect(scoresOf(lagkv, layerOf({ keys: still, values: still }), 2, { lag: 2, sinks: 0 })).toEqual([[0, 0.5, 1, 1]]);
});

// Half of the budget is 64: four sinks, a stretch of 30 and up to 29 behind it. Of 8 entries it is 4, all of them sinks.
test('in a lane what always stays leaves half of the budget', () => {
  const fit = (budget: number) => lagkv.fit!({ lag: 128, sinks: 4, ranks: true }, 512, budget);
  expect(fit(128)).toEqual({ lag: 30, sinks: 4, ranks: true });
  expect(fit(8)).toEqual({ lag: 2, sinks: 4, ranks: true });
  expect(fit(2000)).toEqual({ lag: 128, sinks: 4, ranks: true });
});
