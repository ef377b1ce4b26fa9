import { describe, expect, test } from 'vitest';
import { think } from '../../../src/engine/quantization/think.ts';
import type { HeadAtWork } from '../../../src/engine/quantization/types.ts';
import { shape } from './rows.ts';

const at = (headDim: number, queries: Float32Array): HeadAtWork => ({ ...shape(headDim), queries: () => queries });
const codec = (ratio: number) => think.make({ ratio, window: 2 }, []);

// Mean squares of the keys: 4, 1, 9, 16. Of the queries: 1, 9, 1, 0.25. Products: 4, 9, 9, 4. At a ratio of 0.5 two go; of equal scores the later channel.
const keys = Float32Array.of(2, 1, 3, 4, -2, 1, -3, 4);
const queries = Float32Array.of(1, 3, 1, 0.5);

test('channels that add least to the scores are read as 0, and the rest as it is', () => {
  const encoded = codec(0.5).encode(keys, 'keys', at(4, queries));
  expect([...encoded.decode()]).toEqual([0, 1, 3, 0, 0, 1, -3, 0]);
  expect([...Array.from(encoded.parts()['mask']!.numbers)]).toEqual([0, 1, 1, 0]);
  // Two of four channels at 16 bits are 8 a number, and a bit a channel once.
  expect([encoded.bits, encoded.overhead]).toEqual([8, 0.5]);
});

test('the share that is dropped is cut off, and of equals the later channel goes', () => {
  // 0.3 * 4 = 1.2: one goes, the last of those with 4.
  expect([...codec(0.3).encode(keys, 'keys', at(4, queries)).decode().subarray(0, 4)]).toEqual([2, 1, 3, 0]);
  expect(codec(0.2).pending(9, 'keys', shape(4))).toBe(0);
});

test('what was chosen first holds for later keys, whatever they are asked for', () => {
  const one = codec(0.5);
  one.encode(keys, 'keys', at(4, queries));
  const later = one.encode(Float32Array.of(5, 6, 7, 8), 'keys', at(4, Float32Array.of(9, 0, 0, 9)));
  expect([...later.decode()]).toEqual([0, 6, 7, 0]);
  // The mask is stored already.
  expect(later.overhead).toBe(0);
  const other = { ...at(4, Float32Array.of(9, 0, 0, 9)), kvHead: 1 };
  expect([...one.encode(Float32Array.of(5, 6, 7, 8), 'keys', other).decode()]).toEqual([5, 0, 0, 8]);
});

describe('bytes', () => {
  // 10 keys of 22 channels at 2 bytes, 10 values of 32, and 32 bits. 16 * 22 / 32 = 11 bits a number.
  test('of a head of 32 that loses 10 channels', () => {
    expect(codec(0.33).bytes(10, shape(32))).toEqual({ keys: 440, values: 640, metadata: 4 });
  });

  test('values stay, and are not asked for', () => {
    expect(codec(0.5).pending(9, 'values', shape(4))).toBe(0);
  });
});

test('without queries there is nothing to choose by', () => {
  expect(() => codec(0.5).encode(keys, 'keys', shape(4))).toThrow('think needs the latest queries of a head');
});
