import { describe, expect, test } from 'vitest';
import { MeanKeys } from '../../../src/engine/retrieval/mean-keys.ts';
import { cacheOf } from '../fate/caches.ts';

const zero = [0, 0, 0, 0];
const { cache } = cacheOf([
  {
    keys: [
      [3, 0, 0, 0],
      [1, 4, 0, 0],
      [0, 0, -2, 0],
      [0, 0, -2, 0],
      [0, 0, 0, 9],
    ],
    values: [zero, zero, zero, zero, zero],
  },
]);
const chunks = { size: 2, prompt: 5 };

// Means (2, 2, 0, 0) and (0, 0, -2, 0); the fifth token's chunk is not full.
describe('mean keys of two chunks of two', () => {
  const means = new MeanKeys();
  means.seal(cache, chunks);
  const { heads } = cache.store.config;
  /** The same query in every head. */
  const query =
    (...row: number[]) =>
    () =>
      Float32Array.from({ length: 4 * heads }, (_, at) => row[at % 4]!);
  const score = (...row: number[]) => [...means.score(cache, chunks, query(...row))];

  test('are compared by cosine, whatever the lengths', () => {
    expect(score(5, 0, 0, 0)).toEqual([expect.closeTo(Math.SQRT1_2, 6), 0, -2]);
    expect(score(1, 1, 0, 0)).toEqual([expect.closeTo(1, 6), 0, -2]);
    expect(score(0, 0, 7, 0)).toEqual([0, -1, -2]);
  });

  test('stay as they were when the chunk was filled', () => {
    cache.store.key(cache.row(0, 0)).fill(100);
    means.seal(cache, chunks);
    expect(score(1, 1, 0, 0)[0]).toBeCloseTo(1, 6);
    expect(means.fork().score(cache, chunks, query(1, 1, 0, 0))[0]).toBeCloseTo(1, 6);
  });
});
