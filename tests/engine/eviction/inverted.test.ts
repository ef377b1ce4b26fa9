import { expect, test } from 'vitest';
import { inverted } from '../../../src/engine/eviction/inverted.ts';
import { knorm } from '../../../src/engine/eviction/knorm.ts';
import { parseLane, scoreOf } from '../../../src/engine/lane-spec.ts';
import { makeScorer, usesBudget } from '../../../src/engine/plan.ts';
import { keptBy, layerOf, randomTensors, scoresOf } from './layers.ts';

// The lengths are 5, 1, 10, 0 in the first head and 0, 13, 2, 1 in the second, as in knorm.test.ts.
const layer = layerOf({
  keys: [
    [
      [3, 4],
      [0, -1],
      [6, 8],
      [0, 0],
    ],
    [
      [0, 0],
      [5, 12],
      [2, 0],
      [0, 1],
    ],
  ],
});

test('keeps what the rule inside would drop first: here the longest keys', () => {
  expect(scoresOf(inverted, layer, 2, {}, ['knorm'])).toEqual([
    [5, 1, 10, 0],
    [0, 13, 2, 1],
  ]);
  expect(keptBy(inverted, layer, 2, {}, ['knorm'])).toEqual([
    [0, 2],
    [1, 2],
  ]);
  expect(keptBy(inverted, layer, 1, {}, ['knorm'])).toEqual([[2], [1]]);
});

test('without ties, a rule and its opposite share the entries out between them', () => {
  const view = layerOf(randomTensors(4, { seq: 20, heads: 2, kvHeads: 2, headDim: 4 }));
  const [ours, theirs] = [keptBy(knorm, view, 10), keptBy(inverted, view, 10, {}, ['knorm'])];
  ours.forEach((row, head) =>
    expect([...row, ...theirs[head]!].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, j) => j)),
  );
});

test('twice is not at all', () => {
  const view = layerOf(randomTensors(5, { seq: 20, heads: 4, kvHeads: 2, headDim: 4 }));
  const twice = makeScorer(scoreOf(parseLane('inverted(inverted(snapkv(window=3)))').spec));
  const plain = makeScorer(scoreOf(parseLane('snapkv(window=3)').spec));
  expect(twice.score(view, 10)).toEqual(plain.score(view, 10));
});

// Its window would be the first to go, so it must not be promised to anyone.
test('has no window, and asks for the budget when what is inside does', () => {
  const term = (text: string) => scoreOf(parseLane(text).spec);
  expect(makeScorer(term('snapkv(window=3)')).window).toBe(3);
  expect(makeScorer(term('inverted(snapkv(window=3))')).window).toBeUndefined();
  expect(usesBudget(term('inverted(streaming-llm)'))).toBe(true);
  expect(usesBudget(term('inverted(h2o(recent=0.5))'))).toBe(true);
  expect(usesBudget(term('inverted(h2o)'))).toBe(false);
});
