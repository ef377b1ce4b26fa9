import { expect, test } from 'vitest';
import { PartView } from '../../../src/engine/eviction/part-view.ts';
import { layerOf, randomTensors } from './layers.ts';

const of = (...entries: number[]) => Int32Array.from(entries);
const listed = (rows: readonly Float64Array[]) => rows.map((row) => [...row]);

const layer = layerOf({
  keys: [[[1], [2], [3], [4]]],
  values: [[[5], [6], [7], [8]]],
  output_projection: [[-1]],
  attentions: [
    [
      [1, 0, 0, 0],
      [0.5, 0.5, 0, 0],
      [0.25, 0.25, 0.5, 0],
      [0.25, 0, 0.25, 0.5],
    ],
  ],
  future_attentions: [[[0.1, 0.2, 0.3, 0.4]]],
});

test('what it holds, and no more', () => {
  const part = new PartView(layer, [of(1, 3)], 4);
  expect(part).toMatchObject({ seq: 4, counts: [2], heads: 1, kvHeads: 1, headDim: 1, layer: 0, layers: 1 });
  expect([...part.tokens(0)]).toEqual([1, 3]);
  expect([...part.keys(0)]).toEqual([2, 4]);
  expect([...part.values(0)]).toEqual([6, 8]);
  expect(listed(part.outputNorms())).toEqual([[6, 8]]);
  expect(part.futurePeaks()[0]!.map((x) => Math.round(x * 10))).toEqual(Float64Array.of(2, 4));
});

// Entries 1 and 2 until token 3: token 1 pays all to itself, token 2 pays 0.25 and 0.5, which is 1 and 2 of 3. Token 0 sees neither.
test('attention to what is there adds up to one again', () => {
  const part = new PartView(layer, [of(1, 2)], 3);
  expect(listed(part.attentionRows(0, 3))).toEqual([[0, 0, 1, 0, 1 / 3, 2 / 3]]);
  expect(listed(part.attentionSums(2))).toEqual([[1 + 1 / 3, 2 / 3]]);
  expect(listed(part.attentionSums(1))).toEqual([[1 / 3, 2 / 3]]);
  expect(listed(part.attentionSums(9))).toEqual(listed(part.attentionSums(3)));
});

test('is what a layer says that holds no more: computed from queries and keys', () => {
  const { keys, values, queries } = randomTensors(3, { seq: 12, heads: 4, kvHeads: 2, headDim: 4 });
  const cut = (rows: readonly (readonly (readonly number[])[])[]) => rows.map((head) => head.slice(3, 9));
  const part = new PartView(layerOf({ keys, values, queries }), [of(3, 4, 5, 6, 7, 8), of(3, 4, 5, 6, 7, 8)], 9);
  const alone = layerOf({ keys: cut(keys), values: cut(values), queries: cut(queries) });
  part
    .attentionSums(4)
    .forEach((row, head) => row.forEach((sum, j) => expect(sum).toBeCloseTo(alone.attentionSums(4)[head]![j]!, 12)));
  expect([0, 1].map((kvHead) => part.keys(kvHead))).toEqual([0, 1].map((kvHead) => alone.keys(kvHead)));
});
