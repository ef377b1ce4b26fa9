import { describe, expect, test } from 'vitest';
import { tova } from '../../../src/engine/eviction/tova.ts';
import { heldOf, keptBy, layerOf, randomTensors, scoresOf } from './layers.ts';

const blank = [0, 0, 0, 0];
const lastRows = [
  [0.1, 0.6, 0.2, 0.1],
  [0.3, 0.1, 0.5, 0.1],
  [0.5, 0.1, 0.2, 0.2],
  [0.1, 0, 0.3, 0.6],
];
const layer = layerOf({ attentions: lastRows.map((row) => [blank, blank, blank, row]) }, { kv_heads: '2' });

describe('from attentions', () => {
  // The column sums over the four heads are 1.0, 0.8, 1.2; divided by 4, they are 0.25, 0.2, 0.3. The last token gets 0.3 + 1.
  test('the mean over all heads is the score in every KV head', () => {
    const [first, second] = scoresOf(tova, layer, 2);
    [0.25, 0.2, 0.3, 1.3].forEach((score, j) => expect(first![j]).toBeCloseTo(score, 6));
    expect(second).toEqual(first);
  });

  // By its own two heads alone, KV head 0 would have 0.2, 0.35, 0.35 and keep 1 before 0.
  test('all heads keep the same tokens', () => {
    expect(keptBy(tova, layer, 1)).toEqual([[3], [3]]);
    expect(keptBy(tova, layer, 2)).toEqual([
      [2, 3],
      [2, 3],
    ]);
    expect(keptBy(tova, layer, 3)).toEqual([
      [0, 2, 3],
      [0, 2, 3],
    ]);
  });
});

describe('heads that hold different tokens have no common row', () => {
  // Tokens 0 and 1 are left in the first KV head: (0.1 + 0.3) / 2 and (0.6 + 0.1) / 2. In the second 0 and 2: (0.5 + 0.1) / 2 and (0.2 + 0.3) / 2.
  // The newest, 3, gets the layer's 0.35 + 1.
  test('each averages over its own group', () => {
    const [first, second] = scoresOf(
      tova,
      heldOf(layer, [
        [0, 1, 3],
        [0, 2, 3],
      ]),
      2,
    );
    [0.2, 0.35, 1.35].forEach((score, j) => expect(first![j]).toBeCloseTo(score, 6));
    [0.3, 0.25, 1.35].forEach((score, j) => expect(second![j]).toBeCloseTo(score, 6));
  });

  test('they may hold different numbers of them', () => {
    const [first, second] = scoresOf(tova, heldOf(layer, [[0, 1, 2, 3], [3]]), 2);
    [0.2, 0.35, 0.35, 1.35].forEach((score, j) => expect(first![j]).toBeCloseTo(score, 6));
    expect(second).toHaveLength(1);
    expect(second![0]).toBeCloseTo(1.35, 6);
  });

  // Over all heads: 1.0 / 4 and 1.2 / 4.
  test('where all dropped the same ones, the row is common', () => {
    const [first, second] = scoresOf(
      tova,
      heldOf(layer, [
        [0, 2, 3],
        [0, 2, 3],
      ]),
      2,
    );
    [0.25, 0.3, 1.3].forEach((score, j) => expect(first![j]).toBeCloseTo(score, 6));
    expect(second).toEqual(first);
  });
});

describe('from queries and keys', () => {
  // headDim 4 divides the dot product 2 * ln(w) by 2: the last row of the softmax is w / sum(w) = 1/8, 2/8, 3/8, 2/8.
  const keys = [[1, 2, 3, 2].map((weight) => [Math.log(weight), 9, 9, 9])];

  test('the last query is the one that counts', () => {
    const [row] = scoresOf(
      tova,
      layerOf({
        keys,
        queries: [
          [
            [-5, 0, 0, 0],
            [2, 0, 0, 0],
          ],
        ],
      }),
      2,
    );
    [1 / 8, 2 / 8, 3 / 8, 11 / 8].forEach((score, j) => expect(row![j]).toBeCloseTo(score, 6));
  });

  test('agrees with the attentions', () => {
    const { attentions, keys, queries } = randomTensors(3, { seq: 40, heads: 6, kvHeads: 3, headDim: 8 });
    const given = scoresOf(tova, layerOf({ attentions, keys }), 5);
    const computed = scoresOf(tova, layerOf({ queries, keys }), 5);
    given.flat().forEach((score, at) => expect(computed.flat()[at]).toBeCloseTo(score, 6));
  });

  test('without either, says what is missing', () => {
    expect(() => scoresOf(tova, layerOf({ keys }), 2)).toThrow('The layer has no queries.');
  });
});
