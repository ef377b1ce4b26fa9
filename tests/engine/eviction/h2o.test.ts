import { expect, test } from 'vitest';
import { h2o } from '../../../src/engine/eviction/h2o.ts';
import { heldOf, keptBy, layerOf, randomTensors, scoresOf } from './layers.ts';

// The columns sum to 1.7, 0.8, 0.5 and to 1.2, 1.0, 0.8; their mean over the two heads is 1.45, 0.9, 0.65.
const attentions = [
  [
    [1, 0, 0],
    [0.5, 0.5, 0],
    [0.2, 0.3, 0.5],
  ],
  [
    [1, 0, 0],
    [0.1, 0.9, 0],
    [0.1, 0.1, 0.8],
  ],
];
const layer = layerOf({ attentions }, { kv_heads: '1' });

const close = (row: number[] | undefined, expected: number[]) =>
  expected.forEach((score, j) => expect(row![j]).toBeCloseTo(score, 6));

// Divided by the 3, 2, 1 queries that see them: 0.4833, 0.45, 0.65. Nothing is protected: the last token wins by its own weight.
test('by default, the mean over the queries that can see a token', () => {
  close(scoresOf(h2o, layer, 2)[0], [1.45 / 3, 0.45, 0.65]);
  expect(keptBy(h2o, layer, 1)).toEqual([[2]]);
  expect(keptBy(h2o, layer, 2)).toEqual([[0, 2]]);
});

test('without the average, the plain sum, which favours early tokens', () => {
  close(scoresOf(h2o, layer, 2, { average: false })[0], [1.45, 0.9, 0.65]);
  expect(keptBy(h2o, layer, 2, { average: false })).toEqual([[0, 1]]);
});

// Half of a budget of 2 is one token: position 2 gets 1.45 + 1.
test('the form of the paper holds half of the budget for the newest tokens', () => {
  const paper = { average: false, recent: 0.5 };
  close(scoresOf(h2o, layer, 2, paper)[0], [1.45, 0.9, 2.45]);
  expect(keptBy(h2o, layer, 2, paper)).toEqual([[0, 2]]);
  expect(keptBy(h2o, layer, 2, { recent: 1 })).toEqual([[1, 2]]);
});

// A budget of 3.9 holds 3, of which trunc comes first and then a share of it, rounded: 1.5 and 2.
test('a budget that is not whole is cut off', () => {
  const whole = layerOf({ keys: [[[0], [0], [0], [0], [0]]], attentions: [new Array(5).fill([1, 0, 0, 0, 0])] });
  const protectedOf = (budget: number) =>
    scoresOf(h2o, whole, budget, { recent: 0.5 })[0]!.filter((score) => score > 1).length;
  expect([protectedOf(3), protectedOf(3.9), protectedOf(4), protectedOf(0.9)]).toEqual([2, 2, 2, 0]);
});

// Token 1 was dropped. 2 was seen by one query, and 0 by three, of which the dropped token's is one.
test('where entries were dropped, the average is still over the queries that could see the token', () => {
  close(scoresOf(h2o, heldOf(layer, [[0, 2]]), 1)[0], [1.45 / 3, 0.65]);
});

// One query head for each KV head: the first keeps by 1.7/3, 0.8/2, 0.5 and the second by 1.2/3, 1.0/2, 0.8.
test('heads that share nothing choose for themselves', () => {
  expect(keptBy(h2o, layerOf({ attentions }), 1)).toEqual([[0], [2]]);
  expect(keptBy(h2o, layerOf({ attentions }), 2)).toEqual([
    [0, 2],
    [1, 2],
  ]);
});

test('neighbouring query heads share a KV head, not every second one', () => {
  const { attentions } = randomTensors(5, { seq: 12, heads: 4, kvHeads: 2, headDim: 4 });
  const of = (heads: number[]) =>
    scoresOf(h2o, layerOf({ attentions: heads.map((h) => attentions[h]!) }, { kv_heads: '1' }), 6)[0];
  expect(scoresOf(h2o, layerOf({ attentions }, { kv_heads: '2' }), 6)).toEqual([of([0, 1]), of([2, 3])]);
});
