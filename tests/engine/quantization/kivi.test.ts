import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codecs } from '../../../src/engine/quantization/index.ts';
import { kivi } from '../../../src/engine/quantization/kivi.ts';
import { roundTrip } from '../../../src/engine/quantization/round-trip.ts';
import { unpack } from '../../../src/engine/quantization/pack.ts';

const settings = (bits: number, group: number, residual = group) => ({ bits, group, residual });

test('the index is alphabetical, each codec under its own name', () => {
  expect(Object.keys(codecs)).toEqual(['kivi']);
  expect(Object.values(codecs).map((codec) => codec.name)).toEqual(Object.keys(codecs));
});

describe('what is encoded', () => {
  test.each([
    // [total, residual, keys, values] in groups of 32
    [0, 32, 0, 0],
    [1, 32, 0, 0],
    [31, 32, 0, 0],
    [32, 32, 32, 0],
    [33, 32, 32, 1],
    [63, 32, 32, 31],
    [64, 32, 64, 32],
    [65, 32, 64, 33],
    [127, 128, 0, 0],
    [128, 128, 128, 0],
    [129, 128, 128, 1],
    [300, 128, 256, 172],
    // A residual that is no multiple of the group is rounded up to one: 33 and 50 mean 64, 1 means 32.
    [63, 33, 0, 0],
    [64, 50, 64, 0],
    [65, 33, 64, 1],
    [32, 1, 32, 0],
    [40, 1, 32, 8],
  ])('of %i tokens with a residual of %i: %i keys and %i values', (total, residual, keys, values) => {
    expect([
      kivi.encodedKeys(total, settings(2, 32, residual)),
      kivi.encodedValues(total, settings(2, 32, residual)),
    ]).toEqual([keys, values]);
  });

  // The two buffers, played out: keys are flushed whole when R wait, values leave one at a time when more than R wait.
  test('decoding token by token ends where a prefill ends', () => {
    let [keys, values, waitingKeys, waitingValues] = [0, 0, 0, 0];
    for (let total = 1; total <= 200; total++) {
      if (++waitingKeys === 48) [keys, waitingKeys] = [keys + 48, 0];
      if (++waitingValues > 48) [values, waitingValues] = [values + 1, 48];
      expect([kivi.encodedKeys(total, settings(2, 16, 48)), kivi.encodedValues(total, settings(2, 16, 48))]).toEqual([
        keys,
        values,
      ]);
    }
  });
});

describe('a group of 4 at 2 bits, by hand', () => {
  // Channel 0 is 0, 1, 2, 3: s = 1, z = 0, codes 0 1 2 3. Channel 1 is 7, 1, 4, 10: s = 3, z = 1, codes 2 0 1 3, all exact.
  const keys = Float32Array.of(0, 7, 1, 1, 2, 4, 3, 10);

  test('keys are grouped along the tokens of a channel', () => {
    const encoded = kivi.encodeKeys(keys, 2, settings(2, 4));
    expect([...encoded.scale]).toEqual([1, 3]);
    expect([...encoded.zero]).toEqual([0, 1]);
    // First code in the lowest bits: 0 | 1<<2 | 2<<4 | 3<<6 = 228, then 2 | 0<<2 | 1<<4 | 3<<6 = 210 in the next byte.
    expect([...encoded.codes]).toEqual([228 + 210 * 256]);
    expect(kivi.decodeKeys(encoded, 4, 2, settings(2, 4))).toEqual(keys);
  });

  // The same numbers as values, two channels a token: the pairs 0 7, 1 1, 2 4, 3 10 are their own min and max.
  test('values are grouped along the channels of a token, at most headDim of them', () => {
    const encoded = kivi.encodeValues(keys, 2, settings(2, 4));
    expect([...encoded.zero]).toEqual([0, 1, 2, 3]);
    expect([...encoded.scale]).toEqual([Math.fround(7 / 3), 0, Math.fround(2 / 3), Math.fround(7 / 3)]);
    // Codes 0 3, 0 0, 0 3, 0 3: a constant pair has code 0.
    expect([...encoded.codes]).toEqual([(3 << 2) | (3 << 10) | (3 << 14)]);
    expect(kivi.decodeValues(encoded, 4, 2, settings(2, 4))).toEqual(keys);
  });

  test('a token wider than the group has several groups, the last one perhaps shorter', () => {
    const encoded = kivi.encodeValues(Float32Array.of(0, 3, 10, 10, 5), 5, settings(2, 2));
    expect([[...encoded.scale], [...encoded.zero]]).toEqual([
      [1, 0, 0],
      [0, 10, 5],
    ]);
    expect([...kivi.decodeValues(encoded, 1, 5, settings(2, 2))]).toEqual([0, 3, 10, 10, 5]);
  });

  // 0 and 3 fix s = 1, z = 0; the halves 0.5, 1.5, 2.5 go to the even 0, 2, 2 (Math.round would say 1, 2, 3).
  test('halves are rounded to even', () => {
    const encoded = kivi.encodeValues(Float32Array.of(0, 0.5, 1.5, 2.5, 3), 5, settings(2, 5));
    expect([...unpack(encoded.codes, 2, 5)]).toEqual([0, 0, 2, 2, 3]);
  });

  test('a constant group comes back exactly', () => {
    const constant = new Float32Array(8).fill(Math.fround(0.1));
    expect(kivi.decodeKeys(kivi.encodeKeys(constant, 2, settings(2, 4)), 4, 2, settings(2, 4))).toEqual(constant);
  });

  test('keys that do not fill their groups are refused', () => {
    expect(() => kivi.encodeKeys(new Float32Array(6), 2, settings(2, 4))).toThrow(
      'in groups of 4 tokens, and there are 3',
    );
  });
});

describe('for all tensors', () => {
  const upTo = (max: number) => fc.integer({ min: 1, max });
  const cases = fc
    .record({ bits: fc.constantFrom(2, 3, 4, 8), group: upTo(9), groups: upTo(4), headDim: upTo(12) })
    .chain(({ bits, group, groups, headDim }) => {
      const length = group * groups * headDim;
      const numbers = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), {
        minLength: length,
        maxLength: length,
      });
      return numbers.map((all) => ({
        tokens: group * groups,
        headDim,
        chosen: settings(bits, group),
        x: Float32Array.from(all),
      }));
    });

  /** The scale of element (token, channel), found from the definition and not from the codec's own layout. */
  function scaleAt(x: Float32Array, at: number, headDim: number, group: number, bits: number, side: 'keys' | 'values') {
    const groupOf = (i: number) => {
      const [token, channel] = [Math.floor(i / headDim), i % headDim];
      return side === 'keys' ? `${channel}, ${Math.floor(token / group)}` : `${token}, ${Math.floor(channel / group)}`;
    };
    const members = x.filter((_, i) => groupOf(i) === groupOf(at));
    return (Math.max(...members) - Math.min(...members)) / (2 ** bits - 1);
  }

  test.each(['keys', 'values'] as const)('%s come back within half a step', (side) => {
    fc.assert(
      fc.property(cases, ({ headDim, chosen, x }) => {
        const back = x.slice();
        roundTrip(kivi, side, back, headDim, chosen);
        x.forEach((number, at) => {
          const scale = scaleAt(x, at, headDim, chosen.group, chosen.bits, side);
          // A float32 near 1000 is off by up to 3e-5, and the scale is multiplied by up to 255.
          expect(Math.abs(back[at]! - number)).toBeLessThanOrEqual(scale / 2 + 2e-4);
        });
      }),
    );
  });

  test.each(['keys', 'values'] as const)('the codes of %s take as many words as their bits do', (side) => {
    fc.assert(
      fc.property(cases, ({ headDim, chosen, x, tokens }) => {
        const { codes, scale, zero } =
          side === 'keys' ? kivi.encodeKeys(x, headDim, chosen) : kivi.encodeValues(x, headDim, chosen);
        expect(codes).toHaveLength(Math.ceil((x.length * chosen.bits) / 32));
        expect(scale).toHaveLength(
          side === 'keys' ? headDim * (tokens / chosen.group) : tokens * Math.ceil(headDim / chosen.group),
        );
        expect(zero).toHaveLength(scale.length);
      }),
    );
  });

  test('encoding more tokens does not change the first ones', () => {
    fc.assert(
      fc.property(cases, ({ headDim, chosen, x }) => {
        const [whole, first] = [x.slice(), x.slice(0, chosen.group * headDim)];
        roundTrip(kivi, 'keys', whole, headDim, chosen);
        roundTrip(kivi, 'keys', first, headDim, chosen);
        expect(whole.subarray(0, first.length)).toEqual(first);
      }),
    );
  });
});

describe('bytes of one head of 32', () => {
  // 100 tokens, R = 32: 96 keys encoded and 4 waiting; 68 values encoded and 32 waiting.
  // Keys: 96 * 32 / 4 + 4 * 32 * 2 = 768 + 256. Values: 68 * 32 / 4 + 32 * 32 * 2 = 544 + 2048. Groups: 32 * 3 + 68 * 1 = 164, of 4 bytes.
  test('at 2 bits', () => {
    expect(kivi.bytes(100, 32, settings(2, 32))).toEqual({ keys: 1024, values: 2592, metadata: 656 });
  });

  // 4 bits double the codes alone; groups of 16 double the groups: 32 * 6 + 68 * 2 = 328.
  test('at 4 bits, in groups of 16', () => {
    expect(kivi.bytes(100, 32, settings(4, 16, 32))).toEqual({ keys: 1536 + 256, values: 1088 + 2048, metadata: 1312 });
  });

  test('a group wider than the head holds the whole head, once', () => {
    // Keys: 128 of 130, in 2 groups of 64 for each of 32 channels. Values: 66 tokens of one group.
    expect(kivi.bytes(130, 32, settings(2, 64))).toEqual({
      keys: 1024 + 128,
      values: 528 + 4096,
      metadata: (64 + 66) * 4,
    });
  });

  test('a short text is all at 16 bits', () => {
    expect(kivi.bytes(31, 32, settings(2, 32))).toEqual({ keys: 1984, values: 1984, metadata: 0 });
  });

  // The paper's sum: bits + 32 / group for each number, 3 bits here, once the residual no longer counts.
  test('a long text takes 3 bits a number at 2 bits in groups of 32', () => {
    const { keys, values, metadata } = kivi.bytes(3200000, 32, settings(2, 32));
    expect(((keys + values + metadata) * 8) / (2 * 3200000 * 32)).toBeCloseTo(3, 3);
  });
});
