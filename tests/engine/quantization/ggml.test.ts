import { describe, expect, test } from 'vitest';
import { codecs } from '../../../src/engine/quantization/index.ts';
import type { Codec, Encoded } from '../../../src/engine/quantization/types.ts';
import { shape } from './rows.ts';

const codec = (name: string): Codec => codecs.find((one) => one.name === name)!.make({}, []);
const encode = (name: string, row: Float32Array, headDim = row.length): Encoded =>
  codec(name).encode(row, 'keys', shape(headDim));
const part = (encoded: Encoded, name: string): number[] => Array.from(encoded.parts()[name]!.numbers);
const hex = ({ packed }: Encoded) => Buffer.from(packed!() as Uint8Array).toString('hex');

/** 32 numbers that begin with the given ones; the rest are 0. */
const row = (...numbers: number[]) => Float32Array.from({ length: 32 }, (_, i) => numbers[i] ?? 0);

describe('by hand', () => {
  // The number furthest from 0 is -8: d = -8 / -8 = 1. 0.5 + 8.5 is cut to 9, so 0.5 becomes 1; -0.5 + 8.5 is 8, so -0.5 becomes 0; 9 would be code 17,
  // and is cut to 15, which is 7: the range is not even.
  test('q4_0', () => {
    const encoded = encode('q4_0', row(-8, 0.5, -0.5, 1.4, 7.9));
    expect(part(encoded, 'codes').slice(0, 6)).toEqual([0, 9, 8, 9, 15, 8]);
    expect([...encoded.decode().subarray(0, 6)]).toEqual([-8, 1, 0, 1, 7, 0]);
    // d = 1 is 0x3c00, its low byte first. Byte j holds number j and, above it, number j + 16, whose code is 8.
    expect(hex(encoded)).toBe(`003c8089 8889 8f${'88'.repeat(11)}`.replaceAll(' ', ''));
  });

  // The largest number is on the side of +: d = 16 / -16 = -1, and codes count down.
  test('q5_0, with a scale below 0', () => {
    const encoded = encode('q5_0', row(16, 3, -15));
    expect(part(encoded, 'scales')).toEqual([-1]);
    expect(part(encoded, 'codes').slice(0, 4)).toEqual([0, 13, 31, 16]);
    expect([...encoded.decode().subarray(0, 4)]).toEqual([16, 3, -15, 0]);
    // -1 is 0xbc00. Fifth bits: of 32 codes all but the first two have one, so the first byte is 0xfc. Nibbles: 0, 13, 15, then 0.
    expect(hex(encoded)).toBe(`00bcfcffffff000d0f${'00'.repeat(13)}`);
  });

  // From -1 to 2 in 15 steps: s = 0.2. 0 lies 5 steps up.
  test('q4_1', () => {
    const encoded = encode('q4_1', row(-1, 2, 0.5));
    expect(part(encoded, 'codes').slice(0, 4)).toEqual([0, 15, 8, 5]);
    // 0.2 as a 16-bit float is 0x3266, 0.199951171875.
    expect(part(encoded, 'scales')).toEqual([0.199951171875]);
    expect(part(encoded, 'zeros')).toEqual([-1]);
    expect(encoded.decode()[1]).toBe(Math.fround(15 * 0.199951171875 - 1));
    expect(hex(encoded)).toBe(`663200bc505f58${'55'.repeat(13)}`);
  });

  // From 0 to 31: s = 1, m = 0.
  test('q5_1', () => {
    const encoded = encode('q5_1', row(0, 31, 16.5, 2.4));
    expect(part(encoded, 'codes').slice(0, 5)).toEqual([0, 31, 17, 2, 0]);
    expect(hex(encoded)).toBe(`003c0000 06000000 000f0102${'00'.repeat(12)}`.replaceAll(' ', ''));
  });

  // s = 127 / 127 = 1; halves go away from 0.
  test('q8_0', () => {
    const encoded = encode('q8_0', row(127, 0.5, -0.5, 1.5, -2.5, -127));
    expect(part(encoded, 'codes').slice(0, 7)).toEqual([127, 1, -1, 2, -3, -127, 0]);
    expect(hex(encoded)).toBe(`003c7f01ff02fd81${'00'.repeat(26)}`);
  });

  // The number furthest from 0 is -127: levels at 1. 1 has a level; 0 is halfway between none: -10 and 1 are nearest, and 0 goes to 1 as 0 + 0 >= -10 + 1.
  // The scale is of least squares, (127^4 + 1) / (127^4 + 1) = 1, as both numbers are levels and the rest weigh nothing.
  test('iq4_nl', () => {
    const encoded = encode('iq4_nl', row(-127, 1));
    expect(part(encoded, 'codes').slice(0, 3)).toEqual([0, 8, 8]);
    expect([...encoded.decode().subarray(0, 3)]).toEqual([-127, 1, 1]);
    expect(hex(encoded)).toBe(`003c80${'88'.repeat(15)}`);
  });
});

const types = [
  // Bytes of a block: 32 codes, a scale of 2 bytes, and a minimum of 2 where there is one.
  ['q8_0', 34],
  ['q5_1', 24],
  ['q5_0', 22],
  ['q4_1', 20],
  ['q4_0', 18],
  ['iq4_nl', 18],
] as const;

describe.each(types)('%s', (name, blockBytes) => {
  test(`a block takes ${blockBytes} bytes, and a row that ends inside one pays for it`, () => {
    const rows = Float32Array.from({ length: 3 * 40 }, (_, i) => Math.sin(i));
    const encoded = encode(name, rows, 40);
    expect(encoded.packed!()).toHaveLength(3 * 2 * blockBytes);
    expect((encoded.bits * rows.length) / 8 + encoded.overhead).toBe(3 * 2 * blockBytes);
    const { keys, values, metadata } = codec(name).bytes(3, shape(40));
    expect(keys + values + metadata).toBe(2 * 3 * 2 * blockBytes);
    expect(part(encode(name, rows, 40), 'scales')).toHaveLength(6);
  });

  test('nothing but 0 comes back as 0', () => {
    expect(
      encode(name, new Float32Array(32))
        .decode()
        .every((x) => x === 0),
    ).toBe(true);
  });

  test('tokens are written by themselves', () => {
    const rows = Float32Array.from({ length: 4 * 32 }, (_, i) => Math.cos(i * i));
    const all = encode(name, rows, 32).decode();
    for (let token = 0; token < 4; token++) {
      const [from, to] = [token * 32, token * 32 + 32];
      expect(encode(name, rows.slice(from, to), 32).decode()).toEqual(all.slice(from, to));
    }
  });
});
