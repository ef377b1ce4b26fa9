import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bitsOf,
  e4m3,
  e5m2,
  half,
  numberOf,
  toFloat,
  type FloatFormat,
} from '../../../src/engine/quantization/float.ts';

/** Every finite number of a format that is not below 0, from the definition: bit pattern by bit pattern. */
const numbersOf = ({ exponent, mantissa, largest }: FloatFormat): number[] => {
  const bias = 2 ** (exponent - 1) - 1;
  return Array.from({ length: 2 ** (exponent + mantissa) }, (_, pattern) => {
    const [power, steps] = [pattern >> mantissa, pattern & (2 ** mantissa - 1)];
    return power ? (1 + steps / 2 ** mantissa) * 2 ** (power - bias) : (steps / 2 ** mantissa) * 2 ** (1 - bias);
  }).filter((number) => number <= largest);
};

describe.each([
  ['half', half, 63488],
  ['e4m3', e4m3, 127],
  ['e5m2', e5m2, 124],
] as const)('%s', (_, format, count) => {
  const numbers = numbersOf(format);

  test('has its numbers, each with its own bits', () => {
    const patterns = numbers.map((number) => bitsOf(number, format));
    // Half: 2^15 patterns without a sign, less 1024 for infinity and NaN. E4M3: 128 less NaN. E5M2: 128 less 4.
    expect(numbers).toHaveLength(format === half ? 31744 : count);
    expect(patterns).toEqual(numbers.map((__, pattern) => pattern));
    expect(patterns.map((pattern) => numberOf(pattern, format))).toEqual(numbers);
    for (const number of numbers.slice(0, 300)) {
      expect(toFloat(number, format)).toBe(number);
      expect(toFloat(-number, format)).toBe(-number);
    }
  });

  test('the nearest one is taken, and halfway the one whose last bit is 0', () => {
    const between = fc.tuple(fc.nat(numbers.length - 2), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(
        fc.oneof(
          between,
          fc.nat(numbers.length - 2).map((at) => [at, 0.5] as const),
        ),
        ([at, share]) => {
          const [below, above] = [numbers[at]!, numbers[at + 1]!];
          const x = below + share * (above - below);
          const [down, up] = [x - below, above - x];
          const expected = down < up || (down === up && at % 2 === 0) ? below : above;
          expect(toFloat(x, format)).toBe(expected);
          expect(toFloat(-x, format)).toBe(-expected);
        },
      ),
      { numRuns: 500 },
    );
  });
});

// 65504 is the largest half and the next step would be 65536: from 65520 on it rounds there, which is infinity.
test('what is too large', () => {
  expect([65519.99, 65520, -1e9].map((x) => toFloat(x, half))).toEqual([65504, Infinity, -Infinity]);
  expect([bitsOf(Infinity, half), bitsOf(-Infinity, half)]).toEqual([0x7c00, 0xfc00]);
  expect([464, 1e9, -500].map((x) => toFloat(x, e4m3))).toEqual([448, 448, -448]);
  expect([60000, 1e9].map((x) => toFloat(x, e5m2))).toEqual([57344, 57344]);
});

test('0 keeps its sign, and so does what becomes 0', () => {
  expect([0, -0, 1e-9, -1e-9].map((x) => toFloat(x, e4m3))).toEqual([0, -0, 0, -0]);
  expect(bitsOf(-0, e4m3)).toBe(0x80);
  expect(numberOf(0x80, e4m3)).toBe(-0);
});
