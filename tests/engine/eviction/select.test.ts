import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptCount, select } from '../../../src/engine/eviction/select.ts';

const one = (scores: number[], kept: number) => [...select(Float64Array.from(scores), 1, scores.length, kept)[0]!];

describe('select', () => {
  test('each head keeps its own best, in ascending order of position', () => {
    const kept = select(Float64Array.of(0.1, 0.9, 0.5, 0.7, 4, 3, 2, 1), 2, 4, 2);
    expect(kept.map((positions) => [...positions])).toEqual([
      [1, 3],
      [0, 1],
    ]);
  });

  test('among equals the lower position wins', () => {
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
  });

  test('leaves the scores alone', () => {
    const scores = Float64Array.of(3, NaN, 2);
    select(scores, 1, 3, 2);
    expect([...scores]).toEqual([3, NaN, 2]);
  });

  test('refuses what cannot be', () => {
    expect(() => one([1, 2], 3)).toThrow('Cannot keep 3 of 2 positions');
    expect(() => one([1, 2], -1)).toThrow('Cannot keep -1');
    expect(() => one([1, 2], 0.5)).toThrow('Cannot keep 0.5');
    expect(() => select(new Float64Array(5), 2, 3, 1)).toThrow('5 scores for 2 KV heads of 3 positions');
  });

  test('does what sorting all positions does', () => {
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
