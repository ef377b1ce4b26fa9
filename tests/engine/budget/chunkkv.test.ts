import { describe, expect, test } from 'vitest';
import { chunkkv } from '../../../src/engine/budget/chunkkv.ts';
import { shareOf } from '../../../src/engine/budget/share-of.ts';
import { selectFrom } from './layers.ts';

const heads = [
  [1, 1, 5, 5, 2, 2, 9],
  [0, 0, 1, 0, 3, 3, 0],
];
const kept = (budget: number, length: number, scores = heads) => selectFrom(chunkkv, [scores], [budget], { length })[0];
const both = (entries: number[]) => [entries, entries];

// Together 1, 1, 6, 5, 5, 5, 9: the chunks of two are worth 1, 5.5, 5 and, alone, 9.
describe('seven entries in chunks of two', () => {
  test('the best chunks stay, in every head', () => {
    expect(kept(3.5, 2)).toEqual(both([2, 3, 6]));
    expect(kept(5.25, 2)).toEqual(both([2, 3, 4, 5, 6]));
  });

  // 4 * 0.49 is cut off.
  test('the number of chunks is cut off, but one stays', () => {
    expect(kept(0.49 * 7, 2)).toEqual(both([6]));
    expect(kept(0.1, 2)).toEqual(both([6]));
    expect(kept(0, 2)).toEqual(both([]));
  });

  test('everything', () => {
    expect(kept(7, 2)).toEqual(both([0, 1, 2, 3, 4, 5, 6]));
    expect(kept(9, 2)).toEqual(both([0, 1, 2, 3, 4, 5, 6]));
  });
});

test('a text shorter than a chunk: each head has its own best, as without chunks', () => {
  expect(kept(3.5, 8)).toEqual([
    [2, 3, 6],
    [2, 4, 5],
  ]);
});

// Head two holds nothing of the last chunk, which is worth 9 all the same.
test('heads of different lengths', () => {
  expect(kept(3.5, 2, [heads[0]!, [0, 0, 1, 0, 3]])).toEqual([
    [2, 3, 6],
    [2, 3],
  ]);
});

// Of 20 tokens, 0.9 removed leaves 20 * (1 - 0.9) = 1.9999999999999996, and of 30, 0.7 removed 30 * 0.30000000000000004 = 9.000000000000002.
test('a share is what a last bit says it is', () => {
  expect(shareOf(20 * (1 - 0.9), 20)).toBe(1 - 0.9);
  expect(shareOf(30 * (1 - 0.7), 30)).toBe(1 - 0.7);
  expect(shareOf(20 * 0.1, 20)).toBe(0.1);
  for (let count = 1; count < 200; count++) {
    for (let percent = 0; percent < 100; percent++) {
      const share = 1 - percent / 100;
      expect(Math.trunc(7 * shareOf(count * share, count))).toBe(Math.trunc(7 * share));
      expect(count * shareOf(count * share, count)).toBe(count * share);
    }
  }
});

test('in a lane, a chunk is no longer than the budget', () => {
  expect(chunkkv.fit!({ length: 20 }, 100, 8.7)).toEqual({ length: 8 });
  expect(chunkkv.fit!({ length: 20 }, 100, 0.3)).toEqual({ length: 1 });
  expect(chunkkv.fit!({ length: 20 }, 100, 50)).toEqual({ length: 20 });
});
