import { expect, test } from 'vitest';
import { random } from '../../../src/engine/eviction/random.ts';
import { Rope } from '../../../src/engine/model/rope.ts';
import type { LayerView } from '../../../src/engine/eviction/types.ts';

const nothing = () => {
  throw new Error('Chance looks at nothing.');
};

const layer = (index: number, seq = 50, counts: readonly number[] = [seq, seq]): LayerView => ({
  seq,
  counts,
  heads: 2,
  kvHeads: 2,
  headDim: 1,
  layer: index,
  layers: 4,
  rope: new Rope(1, 10000),
  tokens: nothing,
  keys: nothing,
  values: nothing,
  keysBeforeRope: nothing,
  queries: nothing,
  queriesBeforeRope: nothing,
  attentionSums: nothing,
  attentionRow: nothing,
  attentionRows: nothing,
  outputNorms: nothing,
  futurePeaks: nothing,
  repeatPeaks: nothing,
  learned: nothing,
});

const scores = (view: LayerView, seed: number) => random.make({ seed }, []).score(view, 10);

test('the same seed, layer and moment draw the same numbers', () => {
  expect(scores(layer(1), 3)).toEqual(scores(layer(1), 3));
});

// The moment is how many tokens were read: a cache of the same size that was read further is another moment.
test('another seed, layer, head or moment draws others', () => {
  const base = scores(layer(1), 3);
  const others = [scores(layer(1), 4), scores(layer(2), 3), scores(layer(2), 2), scores(layer(1, 51, [50, 50]), 3)];
  for (const other of others) {
    base.forEach((row, head) => expect(row.filter((score, at) => score === other[head]![at])).toHaveLength(0));
  }
  expect(base[0]).not.toEqual(base[1]);
});

test('heads that hold less draw less', () => {
  expect(scores(layer(1, 50, [3, 0]), 3).map(({ length }) => length)).toEqual([3, 0]);
});

test('the scores are uniform: each tenth of [0, 1) has its tenth of 20000', () => {
  const tenths = new Array<number>(10).fill(0);
  for (const row of scores(layer(0, 10000), 0)) for (const score of row) tenths[Math.floor(score * 10)]!++;
  // The standard deviation of one count is sqrt(20000 * 0.1 * 0.9), about 42; the seed is fixed, so the test cannot flicker.
  for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(4 * 42);
});
