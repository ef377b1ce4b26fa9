import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pool } from '../../../src/engine/budget/pool.ts';
import { selectFrom } from './layers.ts';

describe('two layers of two heads of three, one entry a head', () => {
  const scores = [
    [
      [9, 1, 8],
      [2, 7, 3],
    ],
    [
      [6, 0, 0],
      [1, 1, 1],
    ],
  ];

  // The four best of all are 9, 8, 7, 6.
  test('the best of the whole cache stay, and a head may be left with nothing', () => {
    expect(selectFrom(pool, scores, [1, 1])).toEqual([
      [[0, 2], [1]],
      [[0], []],
    ]);
  });

  // 2 * 1.5 + 2 * 0.75 = 4.5 entries in all.
  test('budgets of layers are thrown together, and what is not whole is cut off', () => {
    expect(selectFrom(pool, scores, [1.5, 0.75])).toEqual(selectFrom(pool, scores, [1, 1]));
    expect(selectFrom(pool, scores, [0.2, 0])).toEqual([
      [[], []],
      [[], []],
    ]);
  });

  test('room for more than there is keeps all', () => {
    expect(selectFrom(pool, scores, [9, 9])).toEqual([
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
    ]);
  });
});

test('ties go to the lower layer, then the lower head, then the lower entry', () => {
  expect(
    selectFrom(
      pool,
      [
        [[5, 5], [5]],
        [[5], [5]],
      ],
      [1, 1],
    ),
  ).toEqual([
    [[0, 1], [0]],
    [[0], []],
  ]);
});

test('never more than the budgets together, and nothing kept is worth less than anything dropped', () => {
  const layer = fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }), { minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(fc.tuple(layer, layer), fc.double({ min: 0, max: 6, noNaN: true }), (scores, budget) => {
      const kept = selectFrom(pool, scores, [budget, budget]);
      const count = kept.flat(2).length;
      expect(count).toBe(Math.min(scores.flat(2).length, Math.trunc(4 * budget + 1e-9)));
      const [held, lost] = [true, false].map((stays) =>
        scores.flatMap((heads, l) =>
          heads.flatMap((row, h) => row.filter((_, entry) => kept[l]![h]!.includes(entry) === stays)),
        ),
      );
      if (held!.length && lost!.length) expect(Math.min(...held!)).toBeGreaterThanOrEqual(Math.max(...lost!));
    }),
  );
});
