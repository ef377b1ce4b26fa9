import fc from 'fast-check';
import { expect, test } from 'vitest';
import { best } from '../../src/engine/eviction/select.ts';
import { ranksOf } from '../../src/state/ranks.ts';

test('an entry ranks by how many of its head score lower', () => {
  // Head 0: 0.1 < 0.2 < 0.4 < 0.8. Head 1: NaN is below all; the two zeros, of either sign, share a rank, as two are lower; infinity is highest.
  const scores = [
    [Float64Array.of(0.4, 0.1, 0.8, 0.2)],
    [Float64Array.of(-0, -1, 0, NaN)],
    [Float64Array.of(1, Infinity, 1, 1)],
  ];
  expect([...ranksOf(scores)]).toEqual([2, 0, 3, 1, 2, 1, 2, 0, 0, 3, 0, 0]);
});

test('equal scores all rank lowest, and where nothing was scored there is nothing', () => {
  expect([...ranksOf([[new Float64Array(3).fill(1)]])]).toEqual([0, 0, 0]);
  expect([...ranksOf([[new Float64Array(3).fill(NaN)]])]).toEqual([0, 0, 0]);
  expect(ranksOf(undefined)).toHaveLength(0);
});

test('the entries that stay are the highest ranks, at every budget', () => {
  const score = fc.oneof(fc.constantFrom(0, -0, 1, NaN, Infinity, -Infinity), fc.double());
  fc.assert(
    fc.property(fc.array(score, { minLength: 1, maxLength: 40 }), (all) => {
      const scores = Float64Array.from(all);
      const ranks = ranksOf([[scores]]);
      for (let kept = 1; kept < all.length; kept++) {
        const stays = new Set(best(scores, kept));
        const [held, fell] = [true, false].map((is) => [...ranks].filter((_, i) => stays.has(i) === is));
        expect(Math.min(...held!)).toBeGreaterThanOrEqual(Math.max(...fell!));
      }
    }),
  );
});
