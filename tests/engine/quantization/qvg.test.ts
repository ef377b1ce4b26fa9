import { expect, test } from 'vitest';
import { centroidsOf, nearestCentroid } from '../../../src/engine/quantization/centroids.ts';
import { qvg } from '../../../src/engine/quantization/qvg.ts';
import { shape } from './rows.ts';

// Two clusters, at (10, 0) and (0, 10), each of two rows one apart. k-means begins at the second and at the fourth row.
const rows = Float32Array.of(10, -0.5, 10, 0.5, 0, 9.5, 0, 10.5);

test('centroids are the means of what is near', () => {
  expect([...centroidsOf(rows, 2, 2, 6)]).toEqual([10, 0, 0, 10]);
  expect([0, 2, 4, 6].map((start) => nearestCentroid(Float32Array.of(10, 0, 0, 10), rows, start, 2))).toEqual([
    0, 0, 1, 1,
  ]);
  expect([...centroidsOf(new Float32Array(0), 2, 2, 6)]).toEqual([0, 0, 0, 0]);
});

// What is left are pairs of 0 and a half, exact at two bits.
test('what centroids leave is written', () => {
  const codec = qvg.make({ bits: 2, centroids: 2, stages: 1, group: 64 }, []);
  const encoded = codec.encode(rows, 'keys', shape(2));
  encoded.decode().forEach((x, i) => expect(x).toBeCloseTo(rows[i]!, 6));
  expect(Array.from(encoded.parts()['centroid']!.numbers)).toEqual([0, 0, 1, 1]);
  // A scale and a zero for each of four rows, one bit for each, and two centroids of two numbers.
  expect(encoded.overhead).toBe(4 * 4 + 4 / 8 + 8);
  const later = codec.encode(Float32Array.of(10, 1), 'keys', shape(2));
  expect(later.decode()[1]).toBeCloseTo(1, 6);
  expect(later.overhead).toBe(4 + 1 / 8);
});

test('a second stage writes what the first one left', () => {
  const spread = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * i));
  const worst = [1, 2, 3].map((stages) => {
    const back = qvg.make({ bits: 2, centroids: 1, stages, group: 64 }, []).encode(spread, 'keys', shape(16)).decode();
    return Math.max(...spread.map((x, i) => Math.abs(x - back[i]!)));
  });
  // A stage leaves at most half a step, of which there are three: the next range is a third as wide.
  expect(worst[1]!).toBeLessThan(worst[0]! / 2.5);
  expect(worst[2]!).toBeLessThan(worst[1]! / 2.5);
});
