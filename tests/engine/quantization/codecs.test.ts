/** What must be true of every codec. The index drives it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeCodec } from '../../../src/engine/plan.ts';
import { codecs } from '../../../src/engine/quantization/index.ts';
import { termOf } from '../../../src/engine/lane-spec.ts';
import type { Codec, Encoded, HeadAtWork, Side } from '../../../src/engine/quantization/types.ts';
import { terms } from '../specs.ts';
import { gaussian, shape } from './rows.ts';

const sides = ['keys', 'values'] as const;

/** A head whose latest queries are known. */
const at = (headDim: number): HeadAtWork => ({
  ...shape(headDim),
  queries: (rows) => gaussian(5, rows * 2 * headDim),
});

const storedBytes = (encoded: Encoded) =>
  Object.values(encoded.parts()).reduce((sum, { numbers, bits }) => sum + (numbers.length * bits) / 8, 0);

const saidBytes = ({ bits, overhead }: Encoded, numbers: number) => (numbers * bits) / 8 + overhead;

/** Rows as a lane would hand them over, and those that wait. */
function write(codec: Codec, side: Side, rows: Float32Array, headDim: number) {
  const count = codec.pending(rows.length / headDim, side, at(headDim));
  return { count, encoded: codec.encode(rows.slice(0, count * headDim), side, at(headDim)) };
}

const names = codecs.map(({ name }) => name);
const make = (text: string) => makeCodec(termOf(text));

const cases = fc.record({
  term: terms('codec'),
  n: fc.integer({ min: 0, max: 90 }),
  headDim: fc.constantFrom(2, 8, 12, 32, 40),
  seed: fc.nat(1000),
});

test('as many bytes are stored as is said, and as many are said before', () => {
  fc.assert(
    fc.property(cases, ({ term, n, headDim, seed }) => {
      const codec = makeCodec(term);
      const rows = gaussian(seed, n * headDim);
      let [whole, metadata] = [0, 0];
      for (const side of sides) {
        const { count, encoded } = write(codec, side, rows, headDim);
        expect(saidBytes(encoded, count * headDim)).toBeCloseTo(storedBytes(encoded), 6);
        for (const { numbers, shape: sizes } of Object.values(encoded.parts()))
          expect(numbers.length).toBe(sizes.reduce((a, b) => a * b, 1));
        whole += saidBytes(encoded, count * headDim) + (n - count) * headDim * 2;
        metadata += encoded.overhead;
      }
      const said = makeCodec(term).bytes(n, at(headDim));
      expect(said.keys + said.values + said.metadata).toBeCloseTo(whole, 6);
      expect(said.metadata).toBeCloseTo(metadata, 6);
    }),
    { numRuns: 300 },
  );
});

describe.each(names)('%s', (name) => {
  test('codes have the bits that they say', () => {
    for (const side of sides) {
      const { encoded } = write(make(name), side, gaussian(1, 70 * 32), 32);
      for (const { numbers, bits } of Object.values(encoded.parts())) {
        const whole = Array.from(numbers).every((x) => Number.isInteger(x));
        if (!whole || bits >= 16) continue;
        const [low, high] = [Math.min(...Array.from(numbers)), Math.max(...Array.from(numbers))];
        expect(high - low).toBeLessThan(2 ** bits);
      }
    }
  });

  test('no rows, and one', () => {
    for (const side of sides) {
      expect(make(name).pending(0, side, at(32))).toBe(0);
      const codec = make(name);
      const lanes = codec.pending(1, side, at(32));
      for (const rows of [new Float32Array(0), gaussian(2, 32 * lanes)]) {
        const decoded = codec.encode(rows, side, at(32)).decode();
        expect(decoded).toHaveLength(rows.length);
        expect(decoded.every((x) => Number.isFinite(x))).toBe(true);
      }
    }
    const { keys, values, metadata } = make(name).bytes(0, at(32));
    expect(keys + values + metadata).toBe(0);
  });

  test.each([NaN, Infinity, -Infinity])('%d is refused', (bad) => {
    for (const side of sides) {
      const rows = gaussian(3, 64 * 32);
      rows[77] = bad;
      expect(() => make(name).encode(rows, side, at(32))).toThrow(`number 77 is ${bad}`);
    }
  });

  test('the same rows are written alike, by a lane and by its fork', () => {
    for (const side of sides) {
      const codec = make(name);
      const rows = gaussian(4, 64 * 32);
      const count = codec.pending(64, side, at(32));
      codec.encode(rows.slice(0, count * 32), side, at(32));
      const fork = codec.fork?.() ?? codec;
      const next = gaussian(6, 64 * 32).slice(0, codec.pending(64, side, at(32)) * 32);
      const [one, other] = [codec, fork].map((each) => each.encode(next, side, at(32)));
      expect(other!.decode()).toEqual(one!.decode());
      expect(other!.overhead).toBe(one!.overhead);
    }
  });

  test('rows that are all 0 come back so', () => {
    for (const side of sides) {
      const { encoded } = write(make(name), side, new Float32Array(64 * 32), 32);
      expect(encoded.decode().every((x) => x === 0)).toBe(true);
    }
  });
});

/** Mean squared error over the mean square of Gaussian rows. */
function loss(text: string, side: Side): number {
  let [off, all] = [0, 0];
  for (let seed = 0; seed < 12; seed++) {
    const rows = gaussian(seed, 128 * 32);
    const { count, encoded } = write(make(text), side, rows, 32);
    encoded.decode().forEach((x, i) => (off += (x - rows[i]!) ** 2));
    rows.subarray(0, count * 32).forEach((x) => (all += x * x));
  }
  return off / all;
}

describe('more bits are never worse on average', () => {
  test.each([
    ['cachegen', [2, 3, 4, 5, 6, 7].map((bits) => `cachegen(bits=${bits})`)],
    ['kivi', [2, 3, 4, 8].map((bits) => `kivi(bits=${bits})`)],
    ['per-tensor', [2, 3, 4, 5, 6, 7, 8].map((bits) => `per-tensor(bits=${bits})`)],
    ['per-token', [2, 3, 4, 5, 6, 7, 8].map((bits) => `per-token(bits=${bits})`)],
    ['per-token, smaller groups', [0, 16, 8, 4].map((group) => `per-token(bits=3,group=${group})`)],
    ['per-channel', [2, 3, 4, 5, 6, 7, 8].map((bits) => `per-channel(bits=${bits})`)],
    ['ggml', ['q4_0', 'q4_1', 'q5_1', 'q8_0']],
    ['ggml, other types', ['q4_0', 'iq4_nl', 'q5_0', 'q8_0']],
    ['kvquant', [2, 3, 4].map((bits) => `kvquant(bits=${bits})`)],
    ['kvquant, more outliers', [0, 0.01, 0.05, 0.2].map((share) => `kvquant(outliers=${share})`)],
    ['turboquant', [2, 3, 4, 6, 8].map((bits) => `turboquant(bits=${bits})`)],
    ['low-rank', [1, 4, 8, 16, 31].map((rank) => `low-rank(rank=${rank})`)],
    ['qvg', [2, 3, 4].map((bits) => `qvg(bits=${bits})`)],
    ['qvg, more stages', [1, 2, 3].map((stages) => `qvg(stages=${stages})`)],
    ['fp8', ['fp8(exponent=5)', 'fp8(exponent=4)']],
  ])('%s', (_, texts) => {
    for (const side of sides) {
      const losses = texts.map((text) => loss(text, side));
      expect(losses).toEqual([...losses].sort((a, b) => b - a));
      expect(losses.at(-1)).toBeGreaterThan(0);
      expect(losses[0]).toBeLessThan(1);
    }
  });

  test('qjl and think, of keys', () => {
    const signs = [1, 2, 4, 8].map((count) => loss(`qjl(signs=${count})`, 'keys'));
    expect(signs).toEqual([...signs].sort((a, b) => b - a));
    const ratios = [0.9, 0.5, 0.25].map((ratio) => loss(`think(ratio=${ratio})`, 'keys'));
    expect(ratios).toEqual([...ratios].sort((a, b) => b - a));
  });
});
