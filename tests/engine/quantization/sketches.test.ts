/** TurboQuant, PolarQuant and QJL: codecs that look at no data, so that what they lose is known beforehand. */
import { describe, expect, test } from 'vitest';
import { makeCodec } from '../../../src/engine/plan.ts';
import { termOf } from '../../../src/engine/lane-spec.ts';
import { dot, rotationOf, times, timesTransposed } from '../../../src/engine/quantization/rotation.ts';
import type { Side } from '../../../src/engine/quantization/types.ts';
import { gaussian, shape } from './rows.ts';

const n = 600;
const headDim = 32;
const rows = gaussian(11, n * headDim);

const decode = (text: string, side: Side = 'keys', x = rows, width = headDim) =>
  makeCodec(termOf(text)).encode(x, side, shape(width)).decode();

/** Mean squared error over the mean square. */
function loss(decoded: Float32Array): number {
  let [off, all] = [0, 0];
  rows.forEach((x, i) => {
    off += (x - decoded[i]!) ** 2;
    all += x * x;
  });
  return off / all;
}

test('a rotation keeps lengths and angles, and turns back', () => {
  const { numbers } = rotationOf(8);
  for (let i = 0; i < 8; i++) {
    for (let j = 0; j < 8; j++) {
      const product = dot(numbers.subarray(i * 8, i * 8 + 8), numbers.subarray(j * 8, j * 8 + 8));
      expect(product).toBeCloseTo(Number(i === j), 12);
    }
  }
  const x = [1, 2, 3, 4, 5, 6, 7, 8];
  expect(Array.from(timesTransposed(rotationOf(8), times(rotationOf(8), x)), (y) => Math.round(y * 1e9) / 1e9)).toEqual(
    x,
  );
});

describe('TurboQuant', () => {
  // Coordinates of a unit vector are nearly normal with variance 1 / d. The paper (theorem 1) gives 0.117, 0.03 and 0.009 for 2, 3 and 4 bits.
  test.each([
    [2, 0.117],
    [3, 0.03],
    [4, 0.009],
  ])('at %i bits it loses what the paper says', (bits, expected) => {
    expect(loss(decode(`turboquant(bits=${bits})`)) / expected).toBeGreaterThan(0.85);
    expect(loss(decode(`turboquant(bits=${bits})`)) / expected).toBeLessThan(1.15);
  });

  test('a large channel costs no more than another, as it is spread over all', () => {
    const spiked = rows.map((x, i) => (i % headDim === 5 ? 40 + x : x));
    const back = decode('turboquant(bits=4)', 'keys', spiked);
    const [off, all] = [0, 1].map((which) =>
      spiked.reduce((sum, x, i) => sum + (which ? x * x : (x - back[i]!) ** 2), 0),
    );
    expect(off! / all!).toBeLessThan(0.03);
  });

  test('signs make products right on average where plain codes shrink them', () => {
    const query = gaussian(12, headDim);
    const slope = (decoded: Float32Array) => {
      let [both, own] = [0, 0];
      for (let at = 0; at < rows.length; at += headDim) {
        const is = dot(query, rows.subarray(at, at + headDim));
        both += is * dot(query, decoded.subarray(at, at + headDim));
        own += is * is;
      }
      return both / own;
    };
    // Codes of 2 bits lose 12 % of the squares, and a product loses as much on average.
    expect(slope(decode('turboquant(bits=2)'))).toBeLessThan(0.93);
    expect(Math.abs(slope(decode('turboquant(bits=3,signs=true)')) - 1)).toBeLessThan(0.06);
  });
});

describe('QJL', () => {
  test('a key comes back as the vector whose products are right, up to noise that falls with the signs', () => {
    const queries = Array.from({ length: 20 }, (_, i) => gaussian(100 + i, headDim));
    const errors = [1, 4, 8].map((signs) => {
      const decoded = decode(`qjl(signs=${signs})`);
      let sum = 0;
      for (const query of queries) {
        for (let at = 0; at < rows.length; at += headDim) {
          const [key, back] = [rows, decoded].map((all) => all.subarray(at, at + headDim));
          sum += (dot(query, back!) - dot(query, key!)) ** 2 / (dot(query, query) * dot(key!, key!));
        }
      }
      return sum / (n * queries.length);
    });
    // The variance over (|q| |k|)^2 is (pi / 2 - cos^2) / m, about 1.54 / m here; one matrix for all leaves some play.
    errors.forEach((error, i) => {
      const signs = [32, 128, 256][i]!;
      expect(error * signs).toBeGreaterThan(1.2);
      expect(error * signs).toBeLessThan(2);
    });
  });
});

describe('PolarQuant', () => {
  // 8 * 4 + 7 * 2 bits of angles and a radius of 16 for each 16 numbers: 3.875 bits.
  test('3.875 bits a number', () => {
    const { keys, values, metadata } = makeCodec(termOf('polarquant')).bytes(100, shape(32));
    expect(((keys + values + metadata) * 8) / (2 * 100 * 32)).toBe(3.875);
  });

  // (3, 4) at a right angle: with two channels there is one level, a radius of 5 and one of 16 directions. Lengths are kept whatever the angles.
  test('lengths are kept, as angles do not change them', () => {
    const back = decode('polarquant', 'keys', Float32Array.of(3, 4), 2);
    expect(Math.hypot(back[0]!, back[1]!)).toBeCloseTo(5, 5);
    // A sixteenth of a turn is cut in half: at most 11.25 degrees off.
    expect((3 * back[0]! + 4 * back[1]!) / 25).toBeGreaterThan(Math.cos(Math.PI / 16) - 1e-9);
  });

  // Level 1 has 16 even directions: an angle is off by at most pi / 16 and on average (pi / 16)^2 / 3 = 0.0129. The later ones lose their own share.
  test('what it loses', () => {
    expect(loss(decode('polarquant'))).toBeGreaterThan(0.0129);
    expect(loss(decode('polarquant'))).toBeLessThan(0.06);
  });
});
