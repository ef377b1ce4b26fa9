import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack, unpack } from '../../../src/engine/quantization/pack.ts';

test('the first code lies in the lowest bits', () => {
  expect([...pack(Uint8Array.of(1, 2, 3), 2)]).toEqual([0b11_10_01]);
  expect([...pack(Uint8Array.of(0xa, 0, 0, 0, 0, 0, 0, 0xf, 0x5), 4)]).toEqual([0xf000000a, 5]);
});

// Ten codes of 3 bits fill 30; the eleventh, 5 = 0b101, leaves its two low bits here and its high bit in the next word.
test('a code may straddle two words', () => {
  const words = pack(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5), 3);
  expect([...words]).toEqual([0b01 * 2 ** 30, 1]);
  expect(unpack(words, 3, 11)[10]).toBe(5);
});

test('what was packed is unpacked, and no more words are used than the bits need', () => {
  const cases = fc
    .integer({ min: 1, max: 8 })
    .chain((bits) =>
      fc.record({ bits: fc.constant(bits), codes: fc.uint8Array({ max: 2 ** bits - 1, maxLength: 80 }) }),
    );
  fc.assert(
    fc.property(cases, ({ bits, codes }) => {
      const words = pack(codes, bits);
      expect(words).toHaveLength(Math.ceil((codes.length * bits) / 32));
      expect(unpack(words, bits, codes.length)).toEqual(codes);
    }),
  );
});
