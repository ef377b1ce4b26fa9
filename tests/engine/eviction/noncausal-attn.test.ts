import { expect, test } from 'vitest';
import { noncausalAttn } from '../../../src/engine/eviction/noncausal-attn.ts';
import { heldOf, keptBy, layerOf, randomTensors, scoresOf } from './layers.ts';

const zeros = [[[0], [0], [0], [0]]];
const values = [[[1], [2], [-3], [6]]];
const z = (scores: number[]) => {
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const deviation = Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (scores.length - 1));
  return scores.map((x) => (x - mean) / deviation);
};
const expectScores = (layer: Parameters<typeof scoresOf>[1], chunk: number, expected: number[]) =>
  expected.forEach((score, j) => expect(scoresOf(noncausalAttn, layer, 2, { chunk })[0]![j]).toBeCloseTo(score, 6));

// Queries of zeros look at all alike: each column adds up to 1. Three neighbours of 1, 2, 3, 6 average to 1, 2, 11/3, 3.
test('column sums times the length of values, smoothed, as z-scores', () => {
  const layer = layerOf({ keys: zeros, queries: zeros, values });
  expectScores(layer, 2, z([1, 2, 11 / 3, 3]));
  expect(keptBy(noncausalAttn, layer, 2, { chunk: 2 })).toEqual([[2, 3]]);
});

// All queries look at the key that is there, forwards too; one more key of exp(0) is missing from the second chunk of three, and one more row pays 1/3.
test('looks ahead inside its chunk; a chunk that is not full is filled up with zeros', () => {
  const keys = [[[0], [Math.log(3)]]];
  const layer = layerOf({ keys, queries: [[[1], [1]]], values: [[[1], [1]]] });
  // Rows: 1/4 and 3/4 of two keys; with the third: 1/5, 3/5, 1/5.
  const two = [2 * (1 / 4), 2 * (3 / 4)];
  const three = [2 * (1 / 5) + 1 / 3, 2 * (3 / 5) + 1 / 3];
  for (const [chunk, sums] of [
    [2, two],
    [3, three],
  ] as const) {
    const pooled = [(sums[0]! + sums[1]!) / 3, (sums[0]! + sums[1]!) / 3];
    expect(pooled[0]).toBeCloseTo(pooled[1]!, 12);
    expectScores(layer, chunk, [0, 0]);
  }
});

test('entries that were dropped take no part, and the others keep their own queries', () => {
  const sizes = { seq: 12, heads: 2, kvHeads: 1, headDim: 4 };
  const { keys, queries, values } = randomTensors(8, sizes);
  const held = [1, 4, 5, 9, 11];
  const pick = (rows: number[][][]) => rows.map((head) => held.map((j) => head[j]!));
  const view = heldOf(layerOf({ keys, queries, values }), [held]);
  const alone = layerOf({ keys: pick(keys), queries: pick(queries), values: pick(values) });
  expect(scoresOf(noncausalAttn, view, 2, { chunk: 3 })).toEqual(scoresOf(noncausalAttn, alone, 2, { chunk: 3 }));
});
