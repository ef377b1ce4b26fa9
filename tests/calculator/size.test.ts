import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cacheTypeNames, rowBytes } from '../../src/calculator/cache-types.ts';
import { lineOf } from '../../src/calculator/formula.ts';
import { models } from '../../src/calculator/models.ts';
import { sizeOf, type Load } from '../../src/calculator/size.ts';
import { said, sized } from '../../src/calculator/units.ts';

const load: Load = { tokens: 1000, sequences: 1, keys: 'f16', values: 'f16', block: 16, keep: 1 };
const llama = models.find(({ id }) => id === 'llama-3.1-8b')!.parts;

test('bytes of 1,024 numbers in each type', () => {
  // Blocks of 32: 32 of them.
  const expected = [2048, 2048, 1024, 1088, 768, 704, 640, 576, 576, 640, 384];
  expect(cacheTypeNames.map((type) => rowBytes(type, 1024))).toEqual(expected);
});

test('a row that ends within a block pays for all of it', () => {
  expect(rowBytes('q4_0', 33)).toBe(36);
  expect(rowBytes('f16', 33)).toBe(66);
});

test('keys and values may have different types', () => {
  // 32 layers × (1,024 keys in q8_0 + 1,024 values in q4_0) × 1,000 tokens.
  expect(sizeOf(llama, { ...load, keys: 'q8_0', values: 'q4_0' }).live).toBe(32 * (1088 + 576) * 1000);
});

test('the last block of every sequence is paid for whole', () => {
  // 1,000 tokens are 62 blocks and a half: 63 × 16 = 1,008.
  const { live, allocated } = sizeOf(llama, { ...load, sequences: 3 });
  expect([live, allocated]).toEqual([3 * 131_072 * 1000, 3 * 131_072 * 1008]);
});

test('a share to keep cuts what sees all, and leaves windows', () => {
  const gemma = models.find(({ id }) => id === 'gemma-3-27b')!.parts;
  const { parts, further } = sizeOf(gemma, { ...load, tokens: 5000, keep: 0.25 });
  expect(parts.map(({ held }) => held)).toEqual([1250, 1024]);
  expect(further).toBe(0.25 * 81_920);
  expect(sizeOf(llama, { ...load, tokens: 1, keep: 0.01 }).parts[0]!.held).toBe(1);
});

const loads = fc.record({
  tokens: fc.integer({ min: 1, max: 2_000_000 }),
  sequences: fc.integer({ min: 1, max: 64 }),
  keys: fc.constantFrom(...cacheTypeNames),
  values: fc.constantFrom(...cacheTypeNames),
  block: fc.integer({ min: 1, max: 256 }),
  keep: fc.double({ min: 0.01, max: 1, noNaN: true }),
});

test('for every model and load: whole bytes, blocks hold what is live, and more tokens never take less', () => {
  fc.assert(
    fc.property(fc.constantFrom(...models), loads, ({ parts }, asked) => {
      const size = sizeOf(parts, asked);
      expect(Number.isSafeInteger(size.live)).toBe(true);
      expect(size.allocated).toBeGreaterThanOrEqual(size.live);
      expect(size.live).toBe(size.parts.reduce((sum, part) => sum + part.live, 0));
      expect(sizeOf(parts, { ...asked, tokens: asked.tokens + 1 }).live).toBeGreaterThanOrEqual(size.live);
      expect(sizeOf(parts, { ...asked, block: 1 }).allocated).toBe(size.live);
    }),
  );
});

/** The written product, computed: "64 × 8 × (128 × 34 B / 32 + 128 × 2 B) × 1,000 tokens × 1 sequence". */
const computed = (numbers: string): number =>
  Number(
    new Function(
      `return ${numbers
        .replace(/⌈([^⌉]*)⌉/g, 'Math.ceil($1)')
        .replace(/,|B|tokens|sequences?|layers/g, '')
        .replaceAll('×', '*')}`,
    )(),
  );

test('what the account writes down is what it counts', () => {
  fc.assert(
    fc.property(fc.constantFrom(...models), loads, ({ parts }, asked) => {
      for (const part of sizeOf(parts, asked).parts) {
        const { numbers, bytes } = lineOf(part, asked);
        expect(computed(numbers)).toBeCloseTo(bytes, 0);
        expect(bytes).toBe(part.live);
      }
    }),
  );
});

test('sizes in binary units', () => {
  expect([0, 132, 1024, 70_272, 2 ** 30, 150 * 2 ** 30].map(sized)).toEqual([
    '0 B',
    '132 B',
    '1.00 KiB',
    '68.63 KiB',
    '1.00 GiB',
    '150.0 GiB',
  ]);
  expect([1024, 2.5 * 2 ** 30, 150 * 2 ** 20].map(said)).toEqual(['1 KiB', '2.5 GiB', '150 MiB']);
});
