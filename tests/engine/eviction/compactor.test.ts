import { expect, test } from 'vitest';
import { compactor } from '../../../src/engine/eviction/compactor.ts';
import { leverage } from '../../../src/engine/eviction/leverage.ts';
import { noncausalAttn } from '../../../src/engine/eviction/noncausal-attn.ts';
import { layerOf, randomTensors, scoresOf } from './layers.ts';

const sizes = { seq: 20, heads: 4, kvHeads: 2, headDim: 4 };
const { keys, values, queries, keys_prerope } = randomTensors(2, sizes);
const layer = layerOf({ keys, values, queries, keys_prerope });
const between = (rows: number[][][]) => rows.map((head) => head.slice(3, -2));
const middle = layerOf({
  keys: between(keys),
  values: between(values),
  queries: between(queries),
  keys_prerope: between(keys_prerope),
});
const settings = { first: 3, last: 2, chunk: 6, sketch: 5 };

/** b leverage + non-causal attention of what lies between the ends, which tie with the best of it. */
function expected(b: number): number[][] {
  const attention = scoresOf(noncausalAttn, middle, 0, { chunk: 6 });
  const sums = scoresOf(leverage, middle, 0, { sketch: 5 }).map((row, head) =>
    row.map((score, j) => b * score + attention[head]![j]!),
  );
  const top = Math.max(...sums.flat());
  return sums.map((row) => [top, top, top, ...row, top, top]);
}

test('weighs leverage by the share that is dropped, which need not be whole', () => {
  expect(scoresOf(compactor, layer, 5, settings)).toEqual(expected(0.75));
  expect(scoresOf(compactor, layer, 9.5, settings)).toEqual(expected(1 - 9.5 / 20));
});

test('or by what is set', () => {
  expect(scoresOf(compactor, layer, 5, { ...settings, adaptive: false, blending: 0.2 })).toEqual(expected(0.2));
  expect(
    [true, false].map((adaptive) => compactor.usesBudget!({ ...settings, seed: 0, blending: 0.2, adaptive })),
  ).toEqual([true, false]);
});

test('in a lane the ends take at most half of the budget', () => {
  const usual = { first: 8, last: 4, chunk: 256, sketch: 48, seed: 0, adaptive: true, blending: 0.35 };
  expect(compactor.fit!(usual, 512, 128)).toEqual(usual);
  expect(compactor.fit!(usual, 128, 20)).toEqual({ ...usual, first: 8, last: 2, chunk: 118 });
  expect(compactor.fit!(usual, 128, 3)).toEqual({ ...usual, first: 1, last: 0, chunk: 127 });
});
