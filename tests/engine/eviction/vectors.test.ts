import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averageTurn } from '../../../src/engine/eviction/average-turn.ts';
import { averagePool, maxPool } from '../../../src/engine/eviction/pooling.ts';
import { gram, leverages, principal, softmax, standardize, unitRows } from '../../../src/engine/eviction/vectors.ts';
import { Rope } from '../../../src/engine/model/rope.ts';

/** No row of 32-bit numbers is so short that its squares lose their digits in 64 bits, and none is drawn. */
const number = fc.double({ min: -3, max: 3, noNaN: true }).map((x) => (Math.abs(x) < 1e-45 ? 0 : x));
const matrix = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 8 })).chain(([width, count]) =>
  fc.record({
    width: fc.constant(width),
    rows: fc.array(number, { minLength: width * count, maxLength: width * count }),
  }),
);

describe('leverages', () => {
  // A = diag(2, 5): 3^2 / 2 + 5^2 / 5.
  test('by hand', () => {
    expect([...leverages(Float64Array.of(2, 0, 0, 5), [3, 5, 0, 0], 2)]).toEqual([expect.closeTo(9.5, 12), 0]);
  });

  // The trace of X (X^T X + r I)^-1 X^T: each lies from 0 to 1, and all together are fewer than there are channels.
  test('of the rows that the matrix is made of', () => {
    fc.assert(
      fc.property(matrix, ({ width, rows }) => {
        const all = leverages(gram(rows, width, 0.1), rows, width);
        expect(all.every((share) => share >= 0 && share < 1)).toBe(true);
        expect(all.reduce((a, b) => a + b, 0)).toBeLessThan(width);
      }),
    );
  });
});

test('gram: weighed sums of products, with a ridge', () => {
  expect([...gram([1, 2, 3, 4], 2, 10, [1, 2])]).toEqual([10 + 19, 26, 26, 10 + 36]);
});

// The longest column, (0, 5, 0), stretches by 25; the direction between the other two by 4^2 + 4^2.
test('principal: is not held up by a long column that stands apart', () => {
  const found = principal(gram([4, 0, 4, 0, 5, 0], 3, 0), 3);
  expect([...found].map(Math.abs)).toEqual([Math.SQRT1_2, 0, Math.SQRT1_2].map((x) => expect.closeTo(x, 9) as number));
});

test('principal: nothing is stretched more than its direction', () => {
  const stretched = (m: Float64Array, x: Float64Array) => {
    const width = x.length;
    return x.reduce((sum, a, i) => sum + x.reduce((part, b, j) => part + a * m[i * width + j]! * b, 0), 0);
  };
  fc.assert(
    fc.property(matrix, ({ width, rows }) => {
      const sums = gram(rows, width, 0);
      const best = stretched(sums, principal(sums, width));
      for (let from = 0; from < rows.length; from += width) {
        const row = unitRows(rows.slice(from, from + width), width);
        expect(stretched(sums, row)).toBeLessThanOrEqual(best + 1e-3 * (1 + best));
      }
    }),
  );
});

test('standardize: all rows together, and equal scores become 0', () => {
  const rows = [Float64Array.of(1, 2), Float64Array.of(3)];
  standardize(rows);
  expect(rows.map((row) => [...row])).toEqual([[-1, 0], [1]]);
  const equal = [Float64Array.of(4, 4)];
  standardize(equal);
  expect([...equal[0]!]).toEqual([0, 0]);
});

test('softmax: large logits do not overflow, and nothing stays nothing', () => {
  expect([...softmax(Float64Array.of(1000, 1000))]).toEqual([0.5, 0.5]);
  expect([...softmax(new Float64Array(0))]).toEqual([]);
});

test('pooling: the mean counts zeros outside, the highest does not', () => {
  expect([...averagePool(Float64Array.of(3, 6, 9), 3)]).toEqual([3, 6, 5]);
  expect([...maxPool(Float64Array.of(-3, -6, -9, -12), 3)]).toEqual([-3, -3, -6, -9]);
});

test('the average turn is the mean of all turns', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 1, max: 40 }), (from, positions) => {
      const rope = new Rope(6, 50);
      const x = [1, -2, 0.5, 3, 0.25, -1];
      const sums = new Float64Array(6);
      for (let p = from; p < from + positions; p++) {
        const turned = Float32Array.from(x);
        rope.rotate(turned, 0, 1, p);
        turned.forEach((value, c) => (sums[c]! += value / positions));
      }
      averageTurn(
        rope,
        from,
        positions,
      )(Float64Array.from(x)).forEach((value, c) => expect(value).toBeCloseTo(sums[c]!, 5));
    }),
    { numRuns: 30 },
  );
});
