import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../../src/engine/model/safetensors.ts';

/** A file of any header, honest or not. */
function file(header: unknown, body: Uint8Array | number[] = [], claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

const entry = (dtype: string, shape: unknown, ...data_offsets: unknown[]) => ({ dtype, shape, data_offsets });

describe('reading', () => {
  // 1, -2 and 0.5 have the sign, exponent and fraction bits of the format; the file is written out byte by byte.
  test('F32, F16 and BF16, little-endian, at offsets that are aligned to nothing', () => {
    const body = [0, 0, 128, 63, 0, 0, 0, 192, 0, 60, 0, 56, 128, 63, 0, 192];
    const header = { a: entry('F32', [2], 0, 8), b: entry('F16', [1, 2], 8, 12), c: entry('BF16', [2], 12, 16) };
    for (const padding of ['', ' ', '  ', '   ']) {
      const { tensors } = readSafetensors(file(JSON.stringify(header) + padding, body));
      expect(tensors.get('a')).toEqual({ dtype: 'F32', shape: [2], data: Float32Array.of(1, -2) });
      expect(tensors.get('b')).toEqual({ dtype: 'F16', shape: [1, 2], data: Float32Array.of(1, 0.5) });
      expect(tensors.get('c')).toEqual({ dtype: 'BF16', shape: [2], data: Float32Array.of(1, -2) });
    }
  });

  // 0x0001 is the smallest subnormal, 2^-24; 0x03ff the largest, 1023/1024 * 2^-14; 0x0400 the smallest normal; 0x7bff the largest number.
  test('every kind of half', () => {
    const halves = Uint16Array.of(0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x3555);
    const { data } = readSafetensors(file({ h: entry('F16', [10], 0, 20) }, new Uint8Array(halves.buffer))).tensors.get(
      'h',
    )!;
    expect([...data]).toEqual([
      0,
      -0,
      2 ** -24,
      (1023 / 1024) * 2 ** -14,
      2 ** -14,
      65504,
      Infinity,
      -Infinity,
      NaN,
      0.333251953125,
    ]);
  });

  test('scalars, empty tensors, no tensors, tensors listed in another order than they lie', () => {
    expect(readSafetensors(file({})).tensors.size).toBe(0);
    const header = { late: entry('F32', [], 4, 8), none: entry('F32', [0, 3], 4, 4), early: entry('F32', [1], 0, 4) };
    const { tensors } = readSafetensors(file(header, [0, 0, 128, 63, 0, 0, 0, 64]));
    expect([...tensors].map(([name, { data }]) => [name, ...data])).toEqual([['late', 2], ['none'], ['early', 1]]);
  });

  test('a view into a larger buffer, as Node hands out', () => {
    const bytes = file({ a: entry('F32', [1], 0, 4) }, [0, 0, 128, 63]);
    const pool = Buffer.alloc(bytes.length + 9, 255);
    pool.set(bytes, 3);
    expect([...readSafetensors(pool.subarray(3, 3 + bytes.length)).tensors.get('a')!.data]).toEqual([1]);
  });

  test('names such as "constructor" are names', () => {
    const { tensors, metadata } = readSafetensors(
      file({ __metadata__: { toString: 'x' }, constructor: entry('F32', [0], 0, 0) }),
    );
    expect([...tensors.keys()]).toEqual(['constructor']);
    expect(Object.entries(metadata)).toEqual([['toString', 'x']]);
  });
});

describe('what is wrong is said', () => {
  const four = [0, 0, 0, 0];
  test.each<[string, Uint8Array]>([
    ['it has 3 bytes, fewer than the 8', new Uint8Array(3)],
    ['its header of 99 bytes reaches beyond the file of 10', file('{}', [], 99n)],
    ['its header of 18446744073709551615 bytes reaches beyond', file('{}', [], 2n ** 64n - 1n)],
    ['its header is not JSON', file('{"a":')],
    ['its header is not JSON', file('')],
    ['its header is not JSON', file('{}', [0xff], 3n)],
    ['its header is not JSON', file('{"\u00ff":', [0xff, 0x7d], 8n)],
    ['the header is not an object', file('[]')],
    ['the header is not an object', file('null')],
    ['the header has the key "__proto__"', file('{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}')],
    ['the metadata has the key "__proto__"', file('{"__metadata__":{"__proto__":"x"}}')],
    [
      'the entry of "a" has the key "__proto__"',
      file('{"a":{"__proto__":{"dtype":"F32"},"shape":[0],"data_offsets":[0,0]}}'),
    ],
    ['the metadata is not an object', file({ __metadata__: 'x' })],
    ['metadata "a" is not a string', file({ __metadata__: { a: 1 } })],
    ['the entry of "a" is not an object', file({ a: null })],
    ['"a" has the dtype "I64"; only BF16, F16, F32 are read', file({ a: entry('I64', [0], 0, 0) })],
    ['"a" has the dtype "toString"', file({ a: entry('toString', [0], 0, 0) })],
    ['"a" has the dtype undefined', file({ a: {} })],
    ['the shape of "a" is not a list of whole numbers', file({ a: entry('F32', 1, 0, 4) }, four)],
    ['the shape of "a" is not a list of whole numbers', file({ a: entry('F32', [-1], 0, 4) }, four)],
    ['the shape of "a" is not a list of whole numbers', file({ a: entry('F32', [0.5], 0, 4) }, four)],
    [
      'the shape of "a" is not a list of whole numbers',
      file('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', four),
    ],
    ['Infinity bytes, but its offsets span 4', file({ a: entry('F32', new Array(99).fill(2 ** 50), 0, 4) }, four)],
    ['data_offsets of "a" is not a list of whole numbers', file({ a: { dtype: 'F32', shape: [1] } }, four)],
    ['data_offsets of "a" are not two numbers', file({ a: entry('F32', [1], 0, 4, 4) }, four)],
    ['"a" has the shape [2] in F32, 8 bytes, but its offsets span 4', file({ a: entry('F32', [2], 0, 4) }, four)],
    ['but its offsets span -4', file({ a: entry('F32', [1], 4, 0) }, four)],
    ['"a" ends at byte 8 of 4', file({ a: entry('F32', [2], 0, 8) }, four)],
    [
      '"b" starts at byte 0, where 4 was expected',
      file({ a: entry('F32', [1], 0, 4), b: entry('F32', [1], 0, 4) }, four),
    ],
    ['"a" starts at byte 2, where 0 was expected', file({ a: entry('F16', [1], 2, 4) }, four)],
    ['its tensors fill 2 bytes of 4', file({ a: entry('F16', [1], 0, 2) }, four)],
  ])('%s', (message, bytes) => {
    expect(() => readSafetensors(bytes)).toThrow(message);
    expect(() => readSafetensors(bytes)).toThrow('Not a safetensors file that can be read: ');
  });

  test('a header nested a hundred thousand deep', () => {
    expect(() => readSafetensors(file('['.repeat(1e5) + ']'.repeat(1e5)))).toThrow('Not a safetensors file');
  });

  test('any bytes at all are read or refused, and a damaged file likewise', () => {
    const sound = writeSafetensors(new Map([['a', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]), {
      layer: '1',
    });
    const refusal = /^Not a safetensors file that can be read: .+\.$/s;
    const readOrRefuse = (bytes: Uint8Array) => {
      try {
        readSafetensors(bytes);
      } catch (error) {
        expect((error as Error).message).toMatch(refusal);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), readOrRefuse));
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), (at, byte) => readOrRefuse(sound.with(at, byte))),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.nat(sound.length), (length) => readOrRefuse(sound.subarray(0, length))));
    fc.assert(fc.property(fc.json(), (json) => readOrRefuse(file(json))));
  });
});

describe('writing', () => {
  test('what was written is read, and the data is aligned', () => {
    const tensor = fc.float32Array({ maxLength: 6 }).map((data) => ({ shape: [data.length, 1], data }));
    const name = fc.string().filter((text) => text !== '__metadata__' && text !== '__proto__');
    fc.assert(
      fc.property(
        fc.dictionary(name, tensor),
        fc.dictionary(name, fc.string({ unit: 'binary' })),
        (tensors, metadata) => {
          const map = new Map(Object.entries(tensors));
          const bytes = writeSafetensors(map, metadata);
          const read = readSafetensors(bytes);
          expect(read.metadata).toEqual({ ...metadata });
          expect([...read.tensors].sort()).toEqual(
            [...map].map(([key, { shape, data }]) => [key, { dtype: 'F32', shape, data }]).sort(),
          );
          expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
        },
      ),
    );
  });

  test('refuses what could not be read back', () => {
    const data = Float32Array.of(1);
    expect(() => writeSafetensors(new Map([['__proto__', { shape: [1], data }]]))).toThrow(
      'cannot be named "__proto__"',
    );
    expect(() => writeSafetensors(new Map([['__metadata__', { shape: [1], data }]]))).toThrow(
      'cannot be named "__metadata__"',
    );
    expect(() => writeSafetensors(new Map([['a', { shape: [2], data }]]))).toThrow(
      '"a" has the shape [2] and 1 numbers',
    );
  });
});
