import { expect, test } from 'vitest';
import { boxes, copiesOf, rowOf, slotsAfter } from '../../src/figures/compaction.ts';

// Head 0 holds slots 0 2 5 and closes its holes in order, head 1 holds 1 and 3.
const held = [
  [0, 2, 5],
  [1, 3],
];
const copies = copiesOf({ moves: ['2 1 5 2', '1 0 3 1'] });

test('copies are told in the order in which they were made', () => {
  expect(copies.map(({ head, from, to }) => `${head}: ${from} to ${to}`)).toEqual([
    '0: 2 to 1',
    '0: 5 to 2',
    '1: 1 to 0',
    '1: 3 to 1',
  ]);
  expect(copiesOf({ moves: ['', ''] })).toEqual([]);
});

test('after some copies a slot holds what was there, or what was copied into it; never both', () => {
  const after = (count: number) =>
    slotsAfter(held, copies.slice(0, count)).map(({ still, moved }) => [[...still], [...moved]]);
  expect(after(0)).toEqual([
    [[0, 2, 5], []],
    [[1, 3], []],
  ]);
  expect(after(2)).toEqual([
    [[0], [1, 2]],
    [[1, 3], []],
  ]);
  expect(after(4)).toEqual([
    [[0], [1, 2]],
    [[], [0, 1]],
  ]);
});

test('heads of a layer stand together', () => {
  expect([0, 3, 4, 9].map((head) => rowOf(head, 4))).toEqual([0, 3, 4.7, 10.4]);
  expect(boxes([new Set([2]), new Set()], 4)).toBe('M2.1 0.12h.8v.76h-.8z');
});
