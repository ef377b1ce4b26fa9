import { describe, expect, test } from 'vitest';
import { furthest } from '../../../src/engine/quantization/outliers.ts';
import { kvquant } from '../../../src/engine/quantization/kvquant.ts';
import type { Encoded } from '../../../src/engine/quantization/types.ts';
import { gaussian, shape } from './rows.ts';

const codec = (bits: number, outliers: number, first: number) => kvquant.make({ bits, outliers, first }, []);
const part = (encoded: Encoded, name: string): number[] => Array.from(encoded.parts()[name]!.numbers);

// Channel 0 is 0, 0, 0, 0, 1, 1, 1, 9 and channel 1 a hundred times 0, 1, 0, 1, ...: the 9 is furthest from its mean in units of its own deviation, not 100.
const column = (numbers: readonly number[]) => Float32Array.from(numbers.flatMap((x, i) => [x, 100 * (i % 2)]));

test('outliers are furthest from the mean of their vector, measured by its own deviation', () => {
  const rows = column([0, 0, 0, 0, 1, 1, 1, 9]);
  expect(
    [...furthest({ rows, width: 2, along: 'columns' }, 1).keys()].filter(
      (i) => furthest({ rows, width: 2, along: 'columns' }, 1)[i],
    ),
  ).toEqual([14]);
  expect(furthest({ rows, width: 2, along: 'columns' }, 5).reduce((a, b) => a + b)).toBe(5);
  expect(furthest({ rows, width: 2, along: 'columns' }, 0).every((x) => x === 0)).toBe(true);
});

// 0, 1, 4, 9 in turn: four levels, at 0, 1/9, 4/9 and 1 of the range. An even grid would have 0, 3, 6, 9.
test('levels lie where the numbers are', () => {
  const rows = Float32Array.from({ length: 32 }, (_, i) => [0, 1, 4, 9][i % 4]!);
  const encoded = codec(2, 0, 0).encode(rows, 'keys', shape(1));
  expect(part(encoded, 'codes').slice(0, 4)).toEqual([0, 1, 2, 3]);
  // A level is the middle of one of 256 pieces of the range.
  encoded.decode().forEach((x, i) => expect(Math.abs(x - rows[i]!)).toBeLessThanOrEqual(9 / 512 + 1e-6));
});

test('an outlier comes back as a 16-bit float, and does not stretch the range', () => {
  const rows = column([...Array.from({ length: 39 }, (_, i) => i % 4), 5000]);
  const encoded = codec(2, 0.0125, 0).encode(rows, 'keys', shape(2));
  expect([part(encoded, 'outliers'), part(encoded, 'outlier_places')]).toEqual([[5000], [78]]);
  expect([part(encoded, 'low'), part(encoded, 'high')]).toEqual([
    [0, 0],
    [3, 100],
  ]);
  encoded.decode().forEach((x, i) => expect(Math.abs(x - rows[i]!)).toBeLessThan(0.3));
});

test('the first tokens are as they were', () => {
  const rows = gaussian(1, 40 * 8);
  const decoded = codec(2, 0.01, 3).encode(rows, 'keys', shape(8)).decode();
  expect(decoded.subarray(0, 24)).toEqual(rows.subarray(0, 24));
  expect(decoded.subarray(24, 32)).not.toEqual(rows.subarray(24, 32));
});

describe('later rows', () => {
  const one = codec(2, 0, 1);
  // Channels from 0 to 3 and from 0 to 100.
  one.encode(column(Array.from({ length: 40 }, (_, i) => i % 4)), 'keys', shape(2));

  test('use the ranges and levels that are there, and store none', () => {
    const later = one.encode(Float32Array.of(2, 100), 'keys', shape(2));
    expect(Object.keys(later.parts())).toEqual(['codes', 'outliers', 'outlier_places', 'first_rows']);
    expect(Math.abs(later.decode()[0]! - 2)).toBeLessThan(0.2);
    expect(later.overhead).toBe(0);
  });

  test('and are outliers where they lie outside', () => {
    const later = one.encode(Float32Array.of(-7, 50), 'keys', shape(2));
    expect(part(later, 'outliers')).toEqual([-7]);
    expect(later.decode()[0]).toBe(-7);
    expect(later.overhead).toBe(4);
  });
});

// 101 rows of 8 numbers: one at 16 bits (16 bytes in place of 3 bits a number, 3 bytes), 100 at 3 bits; 1 % of 800 are 8 outliers of 4 bytes; 8 levels of 2
// bytes; ranges of 4 bytes for 8 channels, and for 100 tokens.
test('bytes', () => {
  expect(codec(3, 0.01, 1).bytes(101, shape(8))).toEqual({
    keys: 303,
    values: 303,
    metadata: 2 * (13 + 32 + 16) + 32 + 400,
  });
  expect(codec(3, 0.01, 1).bytes(16, shape(8))).toEqual({ keys: 256, values: 256, metadata: 0 });
});
