import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kivi } from '../../../src/engine/quantization/kivi.ts';
import { codecs } from '../../../src/engine/quantization/index.ts';
import { unpack } from '../../../src/engine/quantization/pack.ts';
import type { Codec, Encoded, Side } from '../../../src/engine/quantization/types.ts';

const codecOf = (bits: number, group: number, residual = group, channels = true): Codec =>
  kivi.make({ bits, group, residual, channels }, []);

const shape = (headDim: number) => ({ layer: 0, layers: 4, kvHead: 0, headDim });

const encode = (codec: Codec, side: Side, rows: Float32Array, headDim: number) =>
  codec.encode(rows, side, shape(headDim));

const part = (encoded: Encoded, name: string): number[] => Array.from(encoded.parts()[name]!.numbers);

/** How many of so many waiting rows are encoded: of the keys and of the values. */
const pending = (codec: Codec, waiting: number) =>
  (['keys', 'values'] as const).map((side) => codec.pending(waiting, side, shape(32)));

test('the index is alphabetical, each codec once', () => {
  const names = codecs.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
});

test('it takes keys as they are cached', () => expect(codecOf(2, 32).basis(shape(32))).toBe('cached'));

describe('what is encoded', () => {
  test.each([
    // [waiting, residual, keys, values] in groups of 32
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
  ])('of %i tokens with a residual of %i: %i keys and %i values', (waiting, residual, keys, values) => {
    expect(pending(codecOf(2, 32, residual), waiting)).toEqual([keys, values]);
  });

  // The two buffers, played out: keys are flushed whole when R wait, values leave one at a time when more than R wait.
  test('decoding token by token ends where a prefill ends', () => {
    const codec = codecOf(2, 16, 48);
    let [keys, values, waitingKeys, waitingValues] = [0, 0, 0, 0];
    const encoded = [0, 0];
    for (let total = 1; total <= 200; total++) {
      if (++waitingKeys === 48) [keys, waitingKeys] = [keys + 48, 0];
      if (++waitingValues > 48) [values, waitingValues] = [values + 1, 48];
      expect(pending(codec, total)).toEqual([keys, values]);
      encoded[0]! += pending(codec, total - encoded[0]!)[0]!;
      encoded[1]! += pending(codec, total - encoded[1]!)[1]!;
      expect(encoded).toEqual([keys, values]);
    }
  });
});

describe('a group of 4 at 2 bits, by hand', () => {
  // Channel 0 is 0, 1, 2, 3: s = 1, z = 0, codes 0 1 2 3. Channel 1 is 7, 1, 4, 10: s = 3, z = 1, codes 2 0 1 3, all exact.
  const keys = Float32Array.of(0, 7, 1, 1, 2, 4, 3, 10);

  test('keys are grouped along the tokens of a channel', () => {
    const encoded = encode(codecOf(2, 4), 'keys', keys, 2);
    expect(part(encoded, 'scales')).toEqual([1, 3]);
    expect(part(encoded, 'zeros')).toEqual([0, 1]);
    // Token by token, as the numbers themselves.
    expect(part(encoded, 'codes')).toEqual([0, 2, 1, 0, 2, 1, 3, 3]);
    // First code in the lowest bits: 0 | 1<<2 | 2<<4 | 3<<6 = 228, then 2 | 0<<2 | 1<<4 | 3<<6 = 210 in the next byte.
    expect([...encoded.packed!()]).toEqual([228 + 210 * 256]);
    expect(encoded.decode()).toEqual(keys);
    // Two groups with a scale and a zero of 2 bytes each.
    expect([encoded.bits, encoded.overhead]).toEqual([2, 8]);
  });

  // The same numbers as values, two channels a token: the pairs 0 7, 1 1, 2 4, 3 10 are their own min and max.
  test('values are grouped along the channels of a token, at most headDim of them', () => {
    const encoded = encode(codecOf(2, 4), 'values', keys, 2);
    expect(part(encoded, 'zeros')).toEqual([0, 1, 2, 3]);
    expect(part(encoded, 'scales')).toEqual([Math.fround(7 / 3), 0, Math.fround(2 / 3), Math.fround(7 / 3)]);
    // Codes 0 3, 0 0, 0 3, 0 3: a constant pair has code 0.
    expect([...encoded.packed!()]).toEqual([(3 << 2) | (3 << 10) | (3 << 14)]);
    expect(encoded.decode()).toEqual(keys);
    expect(encoded.overhead).toBe(16);
  });

  test('a token wider than the group has several groups, the last one perhaps shorter', () => {
    const encoded = encode(codecOf(2, 2), 'values', Float32Array.of(0, 3, 10, 10, 5), 5);
    expect([part(encoded, 'scales'), part(encoded, 'zeros')]).toEqual([
      [1, 0, 0],
      [0, 10, 5],
    ]);
    expect([...encoded.decode()]).toEqual([0, 3, 10, 10, 5]);
  });

  // 0 and 3 fix s = 1, z = 0; the halves 0.5, 1.5, 2.5 go to the even 0, 2, 2 (Math.round would say 1, 2, 3).
  test('halves are rounded to even', () => {
    const encoded = encode(codecOf(2, 5), 'values', Float32Array.of(0, 0.5, 1.5, 2.5, 3), 5);
    expect(part(encoded, 'codes')).toEqual([0, 0, 2, 2, 3]);
  });

  test('a constant group comes back exactly', () => {
    const constant = new Float32Array(8).fill(Math.fround(0.1));
    expect(encode(codecOf(2, 4), 'keys', constant, 2).decode()).toEqual(constant);
  });

  test('keys that do not fill their groups are refused', () => {
    expect(() => encode(codecOf(2, 4), 'keys', new Float32Array(6), 2)).toThrow(
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
        bits,
        group,
        codec: codecOf(bits, group),
        x: Float32Array.from(all),
      }));
    });

  /** The scale of element (token, channel), found from the definition and not from the codec's own layout. */
  function scaleAt(x: Float32Array, at: number, headDim: number, group: number, bits: number, side: Side) {
    const groupOf = (i: number) => {
      const [token, channel] = [Math.floor(i / headDim), i % headDim];
      return side === 'keys' ? `${channel}, ${Math.floor(token / group)}` : `${token}, ${Math.floor(channel / group)}`;
    };
    const members = x.filter((_, i) => groupOf(i) === groupOf(at));
    return (Math.max(...members) - Math.min(...members)) / (2 ** bits - 1);
  }

  test.each(['keys', 'values'] as const)('%s come back within half a step', (side) => {
    fc.assert(
      fc.property(cases, ({ headDim, codec, bits, group, x }) => {
        const back = encode(codec, side, x, headDim).decode();
        expect(back).toHaveLength(x.length);
        x.forEach((number, at) => {
          const scale = scaleAt(x, at, headDim, group, bits, side);
          // A float32 near 1000 is off by up to 3e-5, and the scale is multiplied by up to 255.
          expect(Math.abs(back[at]! - number)).toBeLessThanOrEqual(scale / 2 + 2e-4);
        });
      }),
    );
  });

  test.each(['keys', 'values'] as const)('the codes of %s take as many words as their bits do', (side) => {
    fc.assert(
      fc.property(cases, ({ headDim, codec, bits, group, x, tokens }) => {
        const encoded = encode(codec, side, x, headDim);
        const { scales, zeros } = encoded.parts();
        expect(encoded.packed!()).toHaveLength(Math.ceil((x.length * bits) / 32));
        expect(scales!.shape).toEqual(
          side === 'keys' ? [tokens / group, headDim] : [tokens, Math.ceil(headDim / group)],
        );
        expect(zeros!.shape).toEqual(scales!.shape);
        expect(encoded.overhead).toBe(4 * scales!.numbers.length);
      }),
    );
  });

  // What decodes is what is stored: the codes are not a picture of the numbers but the numbers.
  test.each(['keys', 'values'] as const)('%s can be read from codes, scales and zeros alone', (side) => {
    fc.assert(
      fc.property(cases, ({ headDim, codec, bits, group, x, tokens }) => {
        const encoded = encode(codec, side, x, headDim);
        const scales = part(encoded, 'scales');
        const zeros = part(encoded, 'zeros');
        // In memory codes of keys lie channel by channel, those of values token by token.
        const width = side === 'keys' ? tokens : headDim;
        const codes = unpack(encoded.packed!() as Uint32Array, bits, x.length);
        const decoded = encoded.decode();
        for (let token = 0; token < tokens; token++) {
          for (let channel = 0; channel < headDim; channel++) {
            const code = codes[side === 'keys' ? channel * width + token : token * width + channel]!;
            const of =
              side === 'keys'
                ? Math.floor(token / group) * headDim + channel
                : token * Math.ceil(headDim / group) + Math.floor(channel / group);
            expect(decoded[token * headDim + channel]).toBe(Math.fround(code * scales[of]! + zeros[of]!));
          }
        }
      }),
    );
  });

  test('encoding more tokens does not change the first ones', () => {
    fc.assert(
      fc.property(cases, ({ headDim, codec, group, x }) => {
        const whole = encode(codec, 'keys', x, headDim).decode();
        const first = encode(codec, 'keys', x.slice(0, group * headDim), headDim).decode();
        expect(whole.subarray(0, first.length)).toEqual(first);
      }),
    );
  });
});

describe('with channels off, the control', () => {
  const control = codecOf(2, 4, 4, false);

  test('keys wait and are written as values are, to the last bit', () => {
    expect(pending(control, 11)).toEqual([7, 7]);
    const rows = Float32Array.from({ length: 3 * 8 }, (_, i) => Math.sin(i * 1.7) * (1 + (i % 5)));
    const [keys, values] = (['keys', 'values'] as const).map((side) => encode(control, side, rows, 8));
    expect(keys!.decode()).toEqual(values!.decode());
    expect(keys!.packed!()).toEqual(values!.packed!());
    expect(keys!.overhead).toBe(values!.overhead);
  });

  // A key whose second channel is a hundred times as large: that one scale for the token drowns the others, one for each channel does not.
  test('one large channel spoils its token, and by channel only itself', () => {
    const rows = Float32Array.from({ length: 16 }, (_, i) => (i % 4 === 1 ? 100 + (i % 3) : (i % 3) / 2));
    const worst = (codec: Codec) => {
      const back = encode(codec, 'keys', rows, 4).decode();
      return Math.max(...rows.map((x, i) => (i % 4 === 1 ? 0 : Math.abs(x - back[i]!))));
    };
    expect(worst(codecOf(2, 4))).toBeLessThan(0.2);
    expect(worst(control)).toBeGreaterThan(0.4);
  });

  // 9 tokens, 4 wait: 5 of 8 numbers at 2 bits are 10 bytes, two groups a token at 4 bytes; the 4 that wait take 64.
  test('its bytes', () => {
    expect(control.bytes(9, shape(8))).toEqual({ keys: 10 + 64, values: 10 + 64, metadata: 2 * 5 * 2 * 4 });
  });
});

describe('bytes of one head of 32', () => {
  // 100 tokens, R = 32: 96 keys encoded and 4 waiting; 68 values encoded and 32 waiting.
  // Keys: 96 * 32 / 4 + 4 * 32 * 2 = 768 + 256. Values: 68 * 32 / 4 + 32 * 32 * 2 = 544 + 2048. Groups: 32 * 3 + 68 * 1 = 164, of 4 bytes.
  test('at 2 bits', () => {
    expect(codecOf(2, 32).bytes(100, shape(32))).toEqual({ keys: 1024, values: 2592, metadata: 656 });
  });

  // 4 bits double the codes alone; groups of 16 double the groups: 32 * 6 + 68 * 2 = 328.
  test('at 4 bits, in groups of 16', () => {
    expect(codecOf(4, 16, 32).bytes(100, shape(32))).toEqual({ keys: 1536 + 256, values: 1088 + 2048, metadata: 1312 });
  });

  test('a group wider than the head holds the whole head, once', () => {
    // Keys: 128 of 130, in 2 groups of 64 for each of 32 channels. Values: 66 tokens of one group.
    expect(codecOf(2, 64).bytes(130, shape(32))).toEqual({
      keys: 1024 + 128,
      values: 528 + 4096,
      metadata: (64 + 66) * 4,
    });
  });

  test('a short text is all at 16 bits', () => {
    expect(codecOf(2, 32).bytes(31, shape(32))).toEqual({ keys: 1984, values: 1984, metadata: 0 });
  });

  // The paper's sum: bits + 32 / group for each number, 3 bits here, once the residual no longer counts.
  test('a long text takes 3 bits a number at 2 bits in groups of 32', () => {
    const { keys, values, metadata } = codecOf(2, 32).bytes(3200000, shape(32));
    expect(((keys + values + metadata) * 8) / (2 * 3200000 * 32)).toBeCloseTo(3, 3);
  });
});
