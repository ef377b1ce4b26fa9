import { expect, test } from 'vitest';
import { h2o } from '../../../src/engine/eviction/h2o.ts';
import { observedAttention } from '../../../src/engine/eviction/observed-attention.ts';
import { heldOf, keptBy, layerOf, randomTensors, scoresOf } from './layers.ts';

// The columns sum to 1.7, 0.8, 0.5 and to 1.2, 1.0, 0.8, their mean over the two heads is 1.45, 0.9, 0.65, and 3, 2, 1 queries could see them.
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

test('the mean over the queries that could see a token; nothing is protected', () => {
  [1.45 / 3, 0.45, 0.65].forEach((score, j) =>
    expect(scoresOf(observedAttention, layer, 2)[0]![j]).toBeCloseTo(score, 6),
  );
  expect(keptBy(observedAttention, layer, 1)).toEqual([[2]]);
  expect(keptBy(observedAttention, layer, 2)).toEqual([[0, 2]]);
});

test('is what h2o does when nobody says otherwise, also where entries were dropped', () => {
  const view = layerOf(randomTensors(3, { seq: 20, heads: 4, kvHeads: 2, headDim: 4 }));
  for (const one of [view, heldOf(view, [[0, 3, 4, 19], [7]])])
    expect(scoresOf(observedAttention, one, 5)).toEqual(scoresOf(h2o, one, 5));
});
