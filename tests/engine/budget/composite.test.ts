import { expect, test } from 'vitest';
import { composite } from '../../../src/engine/budget/composite.ts';
import { selectFrom } from './layers.ts';

// Sorted, the heads of layer 0 are 4 2 0 and 2 2 0, of layer 1 9 5 1 and 7 1 1: the composites are 3 2 0 and 8 3 1. Layer 0 gets the larger of both: 8 3 1.
const scores = [
  [
    [2, 0, 4],
    [0, 2, 2],
  ],
  [
    [9, 1, 5],
    [1, 7, 1],
  ],
];

test('the first layer is as good as the best; each head keeps its own best, as many as its layer won', () => {
  // Two of six, 8 and 8: one for each layer.
  expect(selectFrom(composite, scores, [1, 1])).toEqual([
    [[2], [1]],
    [[0], [1]],
  ]);
  // Three: 8, 8 and a 3, which goes to the lower layer.
  expect(selectFrom(composite, scores, [1.5, 1.5])).toEqual([
    [
      [0, 2],
      [1, 2],
    ],
    [[0], [1]],
  ]);
});

test('a layer that wins nothing keeps one entry a head, unless there is no budget at all', () => {
  const weak = [
    [
      [5, 4, 3],
      [5, 4, 3],
    ],
    [
      [0, 1, 0],
      [1, 0, 0],
    ],
  ];
  expect(selectFrom(composite, weak, [1, 1])).toEqual([
    [
      [0, 1],
      [0, 1],
    ],
    [[1], [0]],
  ]);
  expect(selectFrom(composite, weak, [0.5, 0.5])).toEqual([
    [[0], [0]],
    [[1], [0]],
  ]);
  expect(selectFrom(composite, weak, [0, 0]).flat(2)).toEqual([]);
});

// The k-th composite of a ragged layer is the mean of the heads that have a k-th entry: 5, 4 and then 6 alone would not fall, so it is 7 6 5 against 5 4.
test('heads with fewer entries have no say behind their last', () => {
  expect(
    selectFrom(
      composite,
      [
        [
          [7, 6, 5],
          [5, 4],
        ],
      ],
      [2],
    ),
  ).toEqual([
    [
      [0, 1],
      [0, 1],
    ],
  ]);
});

// What compute_important_per_layer of kvpress 0.5.5 finds for these scores; with 0.8 removed each layer is left with its one entry. Cuts
// that fall between the first layer and the one that it equals are left out: there torch takes either.
test.each([
  [0.4, [3, 3, 3]],
  [0.8, [1, 1, 1]],
])('as kvpress, with %f removed', (ratio, counts) => {
  const given = [
    [
      [11, 28, 25, 15, 6],
      [2, 22, 18, 20, 13],
    ],
    [
      [29, 12, 10, 24, 1],
      [7, 27, 17, 0, 23],
    ],
    [
      [6, 32, 8, 42, 52],
      [38, 16, 10, 18, 28],
    ],
  ];
  const kept = selectFrom(composite, given, new Array<number>(3).fill(5 * (1 - ratio)));
  expect(kept.map((heads) => heads.map(({ length }) => length))).toEqual(counts.map((n) => [n, n]));
});
