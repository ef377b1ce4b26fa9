import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRows, encodeRows, roundHalfEven } from '../../../src/engine/quantization/affine.ts';
import { unpack } from '../../../src/engine/quantization/pack.ts';

test('halves go to the even neighbour, all else to the nearest', () => {
  expect([0, 0.5, 1.5, 2.5, 3.5, 254.5].map(roundHalfEven)).toEqual([0, 0, 2, 2, 4, 254]);
  // The doubles next to a half are not halves; adding 0.5 and cutting off would get the first one wrong.
  expect([0.49999999999999994, 2.5000000000000004, 1.4999999999999998].map(roundHalfEven)).toEqual([0, 3, 1]);
});

test('rounding is to the nearest integer, and even at a tie', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 * 16 }), (sixteenths) => {
      const rounded = roundHalfEven(sixteenths / 16);
      const distance = Math.abs(rounded - sixteenths / 16);
      expect(distance).toBeLessThanOrEqual(0.5);
      if (distance === 0.5) expect(rounded % 2).toBe(0);
    }),
  );
});

// A third of the smallest float32 is 0: the group counts as constant and its codes are 0, rather than the result of dividing by zero.
test('the smallest and the largest numbers stay finite', () => {
  const numbers = Float32Array.of(0, 1e-45, 3e38, -3e38);
  const encoded = encodeRows(numbers, 2, 2, 2);
  expect([...encoded.scale]).toEqual([0, Math.fround(2e38)]);
  expect([...unpack(encoded.codes, 2, 4)]).toEqual([0, 0, 3, 0]);
  const [zero, tiny, large, low] = decodeRows(encoded, 4, 2, 2, 2);
  expect([zero, tiny, low]).toEqual([0, 0, Math.fround(-3e38)]);
  expect(large! / 3e38).toBeCloseTo(1, 6);
});

test('no numbers, no codes', () => {
  expect(encodeRows(new Float32Array(0), 4, 2, 2)).toEqual({
    codes: new Uint32Array(0),
    scale: new Float32Array(0),
    zero: new Float32Array(0),
  });
});
