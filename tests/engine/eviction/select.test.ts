import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { best, keptCount } from '../../../src/engine/eviction/select.ts';

const one = (scores: number[], kept: number) => [...best(Float64Array.from(scores), kept)];

describe('best', () => {
  test('the best entries, in ascending order', () => {
    expect(one([0.1, 0.9, 0.5, 0.7], 2)).toEqual([1, 3]);
    expect(one([4, 3, 2, 1], 2)).toEqual([0, 1]);
  });

  test('among equals the lower entry wins', () => {
    expect(one([1, 2, 1, 1, 2], 3)).toEqual([0, 1, 4]);
    expect(one([1, 1, 1], 2)).toEqual([0, 1]);
    expect(one([0, -0, 0], 1)).toEqual([0]);
    expect(one([-0, 0], 1)).toEqual([0]);
  });

  test('NaN is kept last, together with -Infinity', () => {
    expect(one([NaN, -5, NaN, 3], 2)).toEqual([1, 3]);
    expect(one([NaN, -5, NaN, 3], 3)).toEqual([0, 1, 3]);
    expect(one([NaN, -Infinity, Infinity], 2)).toEqual([0, 2]);
  });

  test('nothing and everything', () => {
    expect(one([3, 1, 2], 0)).toEqual([]);
    expect(one([3, 1, 2], 3)).toEqual([0, 1, 2]);
    expect(one([], 0)).toEqual([]);
  });

  test('leaves the scores alone', () => {
    const scores = Float64Array.of(3, NaN, 2);
    best(scores, 2);
    expect([...scores]).toEqual([3, NaN, 2]);
  });

  // Their sorted copy is remembered.
  test('the same scores may be cut at one place after the other', () => {
    const scores = Float64Array.of(0.1, 0.9, 0.5, NaN, 0.7);
    const cuts = [3, 1, 5, 0, 3, 2].map((kept) => [...best(scores, kept)]);
    expect(cuts).toEqual([[1, 2, 4], [1], [0, 1, 2, 3, 4], [], [1, 2, 4], [1, 4]]);
  });

  test('refuses what cannot be', () => {
    expect(() => one([1, 2], 3)).toThrow('Cannot keep 3 of 2 entries');
    expect(() => one([1, 2], -1)).toThrow('Cannot keep -1');
    expect(() => one([1, 2], 0.5)).toThrow('Cannot keep 0.5');
  });

  test('does what sorting all entries does', () => {
    // Few distinct numbers, so that ties are the rule.
    const score = fc.oneof(fc.constantFrom(0, -0, 1, 2, NaN, Infinity, -Infinity), fc.double());
    const scores = fc.array(score, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(scores, fc.nat(), (row, size) => {
        const kept = size % (row.length + 1);
        const rank = (at: number) => (Number.isNaN(row[at]) ? -Infinity : row[at]!);
        const naive = row
          .map((_, at) => at)
          .sort((a, b) => (rank(a) === rank(b) ? a - b : rank(a) > rank(b) ? -1 : 1))
          .slice(0, kept);
        expect(one(row, kept)).toEqual(naive.sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });
});

describe('keptCount', () => {
  // The products are 0.9999999999999998, 2.9999999999999996, 16.999999999999996: kvpress cuts them off, and so do we.
  test('cuts the double product off, as kvpress does', () => {
    expect([keptCount(10, 0.9), keptCount(30, 0.9), keptCount(100, 0.83)]).toEqual([0, 2, 17]);
    expect([keptCount(10, 0), keptCount(10, 1), keptCount(10, 0.5), keptCount(7, 0.5)]).toEqual([10, 0, 5, 3]);
  });
});
