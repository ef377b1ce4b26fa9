import { expect, test } from 'vitest';
import { pool } from '../../../src/engine/budget/pool.ts';
import { duoAttention } from '../../../src/engine/eviction/duo-attention.ts';
import { selectFrom } from '../budget/layers.ts';
import { layerOf, scoresOf } from './layers.ts';

const row = [[0], [0], [0], [0], [0]];
const layer = layerOf({ keys: [row, row], head_scores: [0.25, 0.75] });

test('every head keeps its ends; the rest is worth what the head is', () => {
  const scores = scoresOf(duoAttention, layer, 3, { sinks: 1, recent: 1 });
  expect(scores).toEqual([
    [2, 0.25, 0.25, 0.25, 2],
    [2, 0.75, 0.75, 0.75, 2],
  ]);
  // Seven entries: both ends of both heads, and what the better head has.
  expect(selectFrom(pool, [scores], [3.5])).toEqual([
    [
      [0, 4],
      [0, 1, 2, 3, 4],
    ],
  ]);
});

test('in a lane both ends take half of the budget, in their proportion', () => {
  expect(duoAttention.fit!({ sinks: 128, recent: 256 }, 512, 128)).toEqual({ sinks: 21, recent: 42 });
  expect(duoAttention.fit!({ sinks: 4, recent: 8 }, 512, 128)).toEqual({ sinks: 4, recent: 8 });
});

// A pair that turns by a thousandth: from 499 back to 0 by half a radian.
const learned = (...queries: number[]) =>
  duoAttention.learns!.from([
    layerOf({
      keys_prerope: [[[20, 0]]],
      queries_prerope: queries.map((x) => [[x, 0]]),
      inv_freq: [0.001],
    }),
  ]);

test('learns how far back a head looks', () => {
  // A query of zeros looks at all alike: the mean of 1/500, 2/500, ..., 1.
  expect(learned(0)[0]![0]).toBeCloseTo(0.501, 6);
  expect(learned(20)[0]![0]).toBeLessThan(0.1);
  expect(learned(-20)[0]![0]).toBeGreaterThan(0.9);
  expect(learned(20, -20)[0]![0]).toBeCloseTo((learned(20)[0]![0]! + learned(-20)[0]![0]!) / 2, 6);
});
