import { expect, test } from 'vitest';
import { wholeHeads } from '../../../src/engine/budget/whole-heads.ts';
import { selectFrom } from './layers.ts';

/** As duo-attention scores six entries of which the first and the last two are ends. */
const head = (score: number) => [2, score, score, score, 2, 2];
const scores = [
  [head(0.5), head(0.1)],
  [head(0.9), head(0.3)],
];
const [all, ends] = [
  [0, 1, 2, 3, 4, 5],
  [0, 4, 5],
];

test('the heads that score least stream, a share of all of them', () => {
  expect(selectFrom(wholeHeads, scores, [6, 6], { share: 0.25 })).toEqual([
    [all, ends],
    [all, all],
  ]);
  expect(selectFrom(wholeHeads, scores, [6, 6], { share: 0 })).toEqual([
    [all, all],
    [all, all],
  ]);
  // Half of a head is rounded to even: 2.5 would be two, and 0.375 * 4 = 1.5 is two.
  expect(selectFrom(wholeHeads, scores, [6, 6], { share: 0.375 })).toEqual([
    [all, ends],
    [all, ends],
  ]);
});

// Whole heads take 24 entries and each that streams 3 less: 16 have room for three that stream, with 15.
test('more of them stream until the budget has room, and where the ends have none, the best stay', () => {
  expect(selectFrom(wholeHeads, scores, [4, 4], { share: 0.25 })).toEqual([
    [ends, ends],
    [all, ends],
  ]);
  expect(selectFrom(wholeHeads, scores, [2, 2], { share: 0.25 })).toEqual([
    [ends, ends],
    [[0, 4], []],
  ]);
});

test('of heads that score alike the lower streams first', () => {
  expect(selectFrom(wholeHeads, [[head(0.5), head(0.5)]], [6], { share: 0.5 })).toEqual([[ends, all]]);
});
