import { expect, test } from 'vitest';
import { random } from '../../../src/engine/eviction/random.ts';
import { seeded } from '../../../src/engine/random.ts';
import type { Layer } from '../../../src/engine/eviction/types.ts';

const layer = (index: number, seq = 50): Layer => ({
  seq,
  heads: 2,
  kvHeads: 2,
  headDim: 1,
  layer: index,
  layers: 4,
  ropeTheta: 10000,
  tensor: () => undefined,
});

const scores = (index: number, seed: number, moment = seeded(7)) =>
  random.score(layer(index), { seed }, { kept: 10, random: moment });

test('the same seed, layer and moment draw the same numbers', () => {
  expect(scores(1, 3)).toEqual(scores(1, 3));
});

test('another seed, layer, head or moment draws others', () => {
  const base = scores(1, 3);
  const moment = seeded(7);
  scores(1, 3, moment);
  for (const other of [scores(1, 4), scores(2, 3), scores(2, 2), scores(1, 3, moment)]) {
    expect(base.filter((score, at) => score === other[at])).toHaveLength(0);
  }
  expect(base.subarray(0, 50)).not.toEqual(base.subarray(50));
});

test('the scores are uniform: each tenth of [0, 1) has its tenth of 20000', () => {
  const tenths = new Array<number>(10).fill(0);
  for (const score of random.score(layer(0, 10000), { seed: 0 }, { kept: 1, random: seeded(1) }))
    tenths[Math.floor(score * 10)]!++;
  // The standard deviation of one count is sqrt(20000 * 0.1 * 0.9), about 42; the seed is fixed, so the test cannot flicker.
  for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(4 * 42);
});
