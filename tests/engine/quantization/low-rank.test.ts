import { expect, test } from 'vitest';
import { eigenvectors } from '../../../src/engine/quantization/eigen.ts';
import { lowRank } from '../../../src/engine/quantization/low-rank.ts';
import { gaussian, shape } from './rows.ts';

// Rows along (3, 4) and a little across, along (-4, 3): the first direction is (0.6, 0.8).
const rows = Float32Array.of(3, 4, 6, 8, -3, -4, -0.4, 0.3);

test('rank 1 of two channels: each row is cast onto the longest direction', () => {
  const encoded = lowRank.make({ rank: 1 }, []).encode(rows, 'values', shape(2));
  const decoded = [...encoded.decode()];
  // 16-bit floats keep 11 bits: 0.6 and 0.8 are off by up to 2^-13, which is up to 0.002 of a row of length 10.
  [3, 4, 6, 8, -3, -4, 0, 0].forEach((x, i) => expect(Math.abs(decoded[i]! - x)).toBeLessThan(0.01));
  // One number of 16 bits for two channels, and the direction once: 2 numbers of 2 bytes.
  expect([encoded.bits, encoded.overhead]).toEqual([8, 4]);
});

test('rows that lie in so many directions come back, and later ones lose what they have beside them', () => {
  const codec = lowRank.make({ rank: 2 }, []);
  const along = gaussian(1, 40 * 2);
  const flat = Float32Array.from({ length: 40 * 4 }, (_, i) => {
    const [a, b] = [along[Math.floor(i / 4) * 2]!, along[Math.floor(i / 4) * 2 + 1]!];
    return [a, b, a + b, a - b][i % 4]!;
  });
  const back = codec.encode(flat, 'keys', shape(4)).decode();
  flat.forEach((x, i) => expect(Math.abs(back[i]! - x)).toBeLessThan(0.02));
  // (1, 1, -1, 0) stands upright on (1, 0, 1, 1) and on (0, 1, 1, -1).
  const later = codec.encode(Float32Array.of(1, 1, -1, 0), 'keys', shape(4));
  later.decode().forEach((x) => expect(Math.abs(x)).toBeLessThan(0.01));
  expect(later.overhead).toBe(0);
});

test('fewer rows than channels wait, and as many directions as channels change nothing', () => {
  const codec = lowRank.make({ rank: 8 }, []);
  expect([31, 32, 33].map((waiting) => codec.pending(waiting, 'keys', shape(32)))).toEqual([0, 32, 33]);
  expect(codec.pending(100, 'keys', shape(8))).toBe(0);
  expect(codec.bytes(100, shape(8))).toEqual({ keys: 1600, values: 1600, metadata: 0 });
  // 8 of 32 numbers at 16 bits are 4 bits each; 8 * 32 numbers of 2 bytes for keys and for values.
  expect(codec.bytes(100, shape(32))).toEqual({ keys: 1600, values: 1600, metadata: 2 * 512 });
});

// [[2, 1], [1, 2]] has 3 along (1, 1) and 1 along (1, -1).
test('eigenvectors, the longest first', () => {
  const [a, b, c, d] = eigenvectors(Float64Array.of(2, 1, 1, 2), 2);
  expect(a! / b!).toBeCloseTo(1, 12);
  expect(c! / d!).toBeCloseTo(-1, 12);
  expect(a! ** 2 + b! ** 2).toBeCloseTo(1, 12);
});

test('eigenvectors of any symmetric matrix make it diagonal, and stand upright on each other', () => {
  const size = 12;
  const factor = gaussian(3, size * size);
  const matrix = Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return [...Array(size).keys()].reduce((sum, k) => sum + factor[i * size + k]! * factor[j * size + k]!, 0);
  });
  const vectors = eigenvectors(matrix.slice(), size);
  const row = (i: number) => [...vectors.subarray(i * size, (i + 1) * size)];
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, a, i) => sum + a * y[i]!, 0);
  const times = (x: readonly number[]) => x.map((_, i) => dot([...matrix.subarray(i * size, (i + 1) * size)], x));
  const values = [...Array(size).keys()].map((i) => dot(row(i), times(row(i))));
  expect(values).toEqual([...values].sort((x, y) => y - x));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      expect(dot(row(i), row(j))).toBeCloseTo(Number(i === j), 9);
      expect(dot(row(i), times(row(j)))).toBeCloseTo(i === j ? values[i]! : 0, 5);
    }
  }
});
