import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeGroups, encodeGroups, type Grouping } from '../../../src/engine/quantization/affine.ts';

const columns = (size: number): Grouping => ({ along: 'columns', size });
const rows = (size: number): Grouping => ({ along: 'rows', size });

/** Codes of numbers between 0 and 255 at 8 bits: with these two beside them, s = 1 and z = 0, so that a code is the number rounded. */
function rounded(...numbers: number[]): number[] {
  const row = Float32Array.of(...numbers, 0, 255);
  const encoded = encodeGroups(row, row.length, columns(row.length), 8);
  expect([...encoded.scale, ...encoded.zero]).toEqual([1, 0]);
  return [...encoded.numbers.subarray(0, numbers.length)];
}

test('halves go to the even neighbour, all else to the nearest', () => {
  expect(rounded(0, 0.5, 1.5, 2.5, 3.5, 253.5, 254.5)).toEqual([0, 0, 2, 2, 4, 254, 254]);
  // The floats next to a half are not halves; adding 0.5 in single precision and cutting off would get the first one wrong.
  expect(rounded(0.49999997, 2.5000002, 1.4999999, 0.50000006)).toEqual([0, 3, 1, 1]);
});

test('rounding is to the nearest integer, and even at a tie', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 * 16 }), (sixteenths) => {
      const [code] = rounded(sixteenths / 16);
      const distance = Math.abs(code! - sixteenths / 16);
      expect(distance).toBeLessThanOrEqual(0.5);
      if (distance === 0.5) expect(code! % 2).toBe(0);
    }),
  );
});

// A third of the smallest float32 is 0: the group counts as constant and its codes are 0, rather than the result of dividing by zero.
test('the smallest and the largest numbers stay finite', () => {
  const numbers = Float32Array.of(0, 1e-45, 3e38, -3e38);
  const encoded = encodeGroups(numbers, 2, columns(2), 2);
  expect([...encoded.scale]).toEqual([0, Math.fround(2e38)]);
  expect([...encoded.numbers]).toEqual([0, 0, 3, 0]);
  const [zero, tiny, large, low] = decodeGroups(encoded, 2, columns(2));
  expect([zero, tiny, low]).toEqual([0, 0, Math.fround(-3e38)]);
  expect(large! / 3e38).toBeCloseTo(1, 6);
});

// From 0 to 4 times the smallest float32 in 3 steps: s = 4/3 of it is rounded down to 1, so that the largest number is 4 steps away.
test('a code never leaves its bits, also where the step was rounded down', () => {
  const least = 2 ** -149;
  const encoded = encodeGroups(Float32Array.of(0, 4 * least, 2 * least), 3, columns(3), 2);
  expect([...encoded.scale]).toEqual([least]);
  expect([...encoded.numbers]).toEqual([0, 3, 2]);
});

describe('groups', () => {
  // Two rows of five. Pairs of columns: 0 1 | 2 3 | 4 and 10 10 | 7 9 | -1.
  const matrix = Float32Array.of(0, 1, 2, 3, 4, 10, 10, 7, 9, -1);

  test('of columns are cut from each row, the last one perhaps shorter', () => {
    const encoded = encodeGroups(matrix, 5, columns(2), 1);
    expect([...encoded.zero]).toEqual([0, 2, 4, 10, 7, -1]);
    expect([...encoded.scale]).toEqual([1, 1, 0, 0, 2, 0]);
    expect([...encoded.numbers]).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 1, 0]);
    expect(decodeGroups(encoded, 5, columns(2))).toEqual(matrix);
  });

  // Five rows of two. Pairs of rows: 0 2 | 4 10 | 9 in the first column, 1 3 | 10 7 | -1 in the second.
  test('of rows are cut from each column, the last one perhaps shorter', () => {
    const encoded = encodeGroups(matrix, 2, rows(2), 1);
    expect([...encoded.zero]).toEqual([0, 1, 4, 7, 9, -1]);
    expect([...encoded.scale]).toEqual([2, 2, 6, 3, 0, 0]);
    expect([...encoded.numbers]).toEqual([0, 0, 1, 1, 0, 1, 1, 0, 0, 0]);
    expect(decodeGroups(encoded, 2, rows(2))).toEqual(matrix);
  });

  // Adding 0 makes 0 of -0: the sign of nothing is no part of the formula.
  const cases = fc
    .record({
      bits: fc.integer({ min: 1, max: 8 }),
      size: fc.integer({ min: 1, max: 6 }),
      width: fc.integer({ min: 1, max: 9 }),
      count: fc.nat(9),
    })
    .chain((shape) =>
      fc
        .array(fc.float({ min: -100, max: 100, noNaN: true }), {
          minLength: shape.width * shape.count,
          maxLength: shape.width * shape.count,
        })
        .map((all) => ({ ...shape, all: Float32Array.from(all, (x) => x + 0) })),
    );

  /** What is left of a number, from the formula: of the numbers of its group alone, picked out one by one. */
  function naive(all: Float32Array, width: number, { along, size }: Grouping, bits: number): Float32Array {
    const groupOf = (at: number) => {
      const [row, column] = [Math.floor(at / width), at % width];
      return along === 'rows' ? `${column}, ${Math.floor(row / size)}` : `${row}, ${Math.floor(column / size)}`;
    };
    return all.map((x, at) => {
      const members = all.filter((_, i) => groupOf(i) === groupOf(at));
      const zero = Math.min(...members);
      const scale = Math.fround((Math.max(...members) - zero) / (2 ** bits - 1));
      if (scale === 0) return zero;
      const q = Math.min((x - zero) / scale, 2 ** bits - 1);
      const [below, rest] = [Math.floor(q), q - Math.floor(q)];
      const code = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
      return code * scale + zero;
    });
  }

  test.each(['rows', 'columns'] as const)('of %s: any matrix comes back as the formula says, to the bit', (along) => {
    fc.assert(
      fc.property(cases, ({ bits, size, width, all }) => {
        const grouping = { along, size };
        const encoded = encodeGroups(all, width, grouping, bits);
        expect(encoded.numbers.every((code) => code < 2 ** bits)).toBe(true);
        expect(decodeGroups(encoded, width, grouping)).toEqual(naive(all, width, grouping, bits));
      }),
    );
  });
});

test('no numbers, no codes', () => {
  for (const grouping of [rows(2), columns(2)]) {
    expect(encodeGroups(new Float32Array(0), 4, grouping, 2)).toEqual({
      numbers: new Uint8Array(0),
      middle: 0,
      scale: new Float32Array(0),
      zero: new Float32Array(0),
    });
  }
});
