import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectedShare, movedBytes, spread } from '../../src/figures/occupancy-chart.ts';

test('labels that lie apart stay, others make room, at the lower end upwards', () => {
  expect(spread([50, 10, 90], 16, [0, 100])).toEqual([50, 10, 90]);
  expect(spread([50, 50, 52], 16, [0, 100])).toEqual([50, 66, 82]);
  expect(spread([98, 99, 10], 16, [0, 100])).toEqual([84, 100, 10]);
});

test('any labels that fit are apart, inside, and in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 320 }), { maxLength: 12 }), (wanted) => {
      const placed = spread(wanted, 16, [0, 300]);
      const order = [...wanted.keys()].sort((a, b) => wanted[a]! - wanted[b]!);
      order.forEach((i, rank) => {
        expect(placed[i]).toBeGreaterThanOrEqual(0);
        expect(placed[i]).toBeLessThanOrEqual(300);
        if (rank) expect(placed[i]! - placed[order[rank - 1]!]!).toBeGreaterThanOrEqual(16);
      });
    }),
  );
});

// Of 16,000 tokens a tenth: 1 - 0.9^16 = 81.5 % of the blocks; of 16 heads nothing comes back.
test('what chance leaves, as a share of the full cache', () => {
  expect(expectedShare(0.1, 16_000, 1)).toBeCloseTo(0.815, 3);
  expect(expectedShare(0.1, 16_000, 16)).toBeCloseTo(1, 9);
  expect(expectedShare(1, 512, 4)).toBe(1);
});

test('a row is a key and a value of 16 bits, read and written', () => {
  expect(movedBytes(10, { headDim: 32 } as Parameters<typeof movedBytes>[1])).toBe(10 * 2 * 32 * 2 * 2);
});
