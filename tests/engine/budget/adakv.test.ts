import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adakv } from '../../../src/engine/budget/adakv.ts';
import { uniform } from '../../../src/engine/budget/uniform.ts';
import { selectFrom } from './layers.ts';

/** One layer. */
const compete = (heads: readonly (readonly number[])[], budget: number, safeguard: number) =>
  selectFrom(adakv, [heads], [budget], { safeguard })[0];

// One head scores far higher than the other.
const heads = [
  [9, 8, 1, 7, 6],
  [0.5, 0.1, 0.4, 0.2, 0.3],
];

describe('two heads of five, two entries a head', () => {
  // The four best of all are 9, 8, 7, 6.
  test('without a safeguard the best of all heads stay, wherever they are', () => {
    expect(compete(heads, 2, 0)).toEqual([[0, 1, 3, 4], []]);
  });

  // trunc(2 * 0.5) = 1 of its own: 9 and 0.5. Then the two best of the rest: 8 and 7.
  test('with a safeguard each head keeps a few of its own, and the rest compete', () => {
    expect(compete(heads, 2, 0.5)).toEqual([[0, 1, 3], [0]]);
    expect(compete(heads, 2, 0.99)).toEqual([[0, 1, 3], [0]]);
  });

  // trunc(3 * 0.66) = 1: 9 and 0.5, then 8, 7, 6 and 1. Without it cut off, the second head would have 0.4 too.
  test('the safeguard is cut off', () => {
    expect(compete(heads, 3, 0.66)).toEqual([[0, 1, 2, 3, 4], [0]]);
    expect(compete(heads, 3, 0.67)).toEqual([
      [0, 1, 3, 4],
      [0, 2],
    ]);
  });

  // trunc(2 * 0.01) = 0.
  test('but a safeguard is one entry at least, where there is room', () => {
    expect(compete(heads, 2, 0.01)).toEqual([[0, 1, 3], [0]]);
    expect(compete(heads, 0.9, 0.01)).toEqual([[], []]);
  });

  test('a whole safeguard is an even budget', () => {
    expect(compete(heads, 2, 1)).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });

  // n = trunc(2.9) = 2, so four of them, and not trunc(5.8) = 5.
  test('a budget that is not whole is cut off before it is multiplied', () => {
    expect(compete(heads, 2.9, 0)).toEqual([[0, 1, 3, 4], []]);
  });

  test('nothing, and everything', () => {
    expect(compete(heads, 0, 0.2)).toEqual([[], []]);
    expect(compete(heads, 5, 0.2)).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
  });
});

describe('ties', () => {
  // Three of six ones, in the order of the heads, and in each from its first entry.
  test('go to the lower head, then the lower entry', () => {
    expect(
      compete(
        [
          [1, 1],
          [1, 1],
          [1, 1],
        ],
        1,
        0,
      ),
    ).toEqual([[0, 1], [0], []]);
  });

  // Two of its own for each, the older of equals: 0 and 1 of each head. Two more: the first head's 2, and 3.
  test('with a safeguard too', () => {
    expect(
      compete(
        [
          [1, 1, 1, 1],
          [1, 1, 1, 1],
        ],
        3,
        0.67,
      ),
    ).toEqual([
      [0, 1, 2, 3],
      [0, 1],
    ]);
  });

  // The windows of both heads are worth the same (see protect.ts): with room for them, both stay whole.
  test('protected windows of all heads stay when they fit', () => {
    expect(
      compete(
        [
          [5, 4, 3, 6, 6],
          [0.3, 0.2, 0.1, 6, 6],
        ],
        3,
        0,
      ),
    ).toEqual([
      [0, 1, 3, 4],
      [3, 4],
    ]);
  });

  test('what is no number goes first, together with minus infinity, and infinity last', () => {
    expect(
      compete(
        [
          [NaN, 1, -Infinity],
          [2, Infinity, NaN],
        ],
        1,
        0,
      ),
    ).toEqual([[], [0, 1]]);
    // Five of six: the tie of the three lowest goes to the lower head, then the lower entry.
    expect(
      compete(
        [
          [NaN, 1, -Infinity],
          [2, NaN, Infinity],
        ],
        2.5,
        0.5,
      ),
    ).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });
});

// Three, one and no entries: two a head are six, and there are only four.
test('heads that hold different numbers of entries', () => {
  expect(compete([[1, 2, 3], [9], []], 2, 0.5)).toEqual([[0, 1, 2], [0], []]);
  // One a head: three of four. Each keeps one of its own, where it has one: 3 and 9; then 2.
  expect(compete([[1, 2, 3], [9], []], 1, 1)).toEqual([[1, 2], [0], []]);
});

test('layers do not compete with one another', () => {
  const low = heads.map((row) => row.map((score) => score / 1000));
  expect(selectFrom(adakv, [heads, low], [2, 1], { safeguard: 0 })).toEqual([
    [[0, 1, 3, 4], []],
    [[0, 1], []],
  ]);
});

describe('for any scores', () => {
  const rows = fc
    .record({ kvHeads: fc.integer({ min: 1, max: 4 }), count: fc.integer({ min: 1, max: 20 }) })
    .chain(({ kvHeads, count }) =>
      fc.array(
        fc.array(fc.oneof(fc.constantFrom(0, 1, 2, NaN), fc.double({ noNaN: true })), {
          minLength: count,
          maxLength: count,
        }),
        { minLength: kvHeads, maxLength: kvHeads },
      ),
    );
  const share = fc.double({ min: 0, max: 1, noNaN: true });

  test('the layer keeps trunc(budget) entries a head in all, each head at least its safeguard, and nothing better is dropped', () => {
    fc.assert(
      fc.property(rows, share, share, (scores, part, safeguard) => {
        const count = scores[0]!.length;
        const budget = part * count;
        const n = Math.trunc(budget);
        const kept = compete(scores, budget, safeguard)!;
        expect(kept.flat()).toHaveLength(n * scores.length);
        const rank = (score: number) => (Number.isNaN(score) ? -Infinity : score);
        const own = Math.min(n, Math.max(safeguard > 0 ? 1 : 0, Math.trunc(n * safeguard)));
        const [stays, goes] = [[Infinity], [-Infinity]];
        kept.forEach((entries, head) => {
          expect([...new Set(entries)].sort((a, b) => a - b)).toEqual(entries);
          expect(entries.length).toBeGreaterThanOrEqual(own);
          const ranks = scores[head]!.map(rank);
          const dropped = ranks.filter((_, j) => !entries.includes(j));
          const lowest = Math.min(Infinity, ...entries.map((j) => ranks[j]!));
          expect(Math.max(-Infinity, ...dropped)).toBeLessThanOrEqual(lowest);
          // A head that holds no more than its own may have kept worse ones than another dropped.
          if (entries.length > own) stays.push(lowest);
          goes.push(...dropped);
        });
        expect(Math.max(...goes)).toBeLessThanOrEqual(Math.min(...stays));
      }),
      { numRuns: 300 },
    );
  });

  test('a whole safeguard keeps what an even budget keeps', () => {
    fc.assert(
      fc.property(rows, share, (scores, part) => {
        const budget = part * scores[0]!.length;
        expect(compete(scores, budget, 1)).toEqual(selectFrom(uniform, [scores], [budget])[0]);
      }),
    );
  });
});
