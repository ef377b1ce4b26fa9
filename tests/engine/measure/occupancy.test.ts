import { expect, test } from 'vitest';
import { expectedBlocks } from '../../../src/engine/measure/occupancy.ts';
import { seeded, shuffle } from '../../../src/engine/random.ts';

// Four slots in two blocks of two, two survivors: of six pairs two leave a block empty, one each. P(empty) of a block is 1/6, so 2 * 5/6 blocks stay.
test('a small case, counted', () => {
  expect(expectedBlocks(4, 2, 2)).toBeCloseTo(10 / 6, 12);
  // Two heads that choose apart leave it empty together once in 36.
  expect(expectedBlocks(4, 2, 2, 2)).toBeCloseTo((2 * 35) / 36, 12);
});

// Slots 0 to 4 are blocks of two, two and one. One survivor: 2/5 + 2/5 + 1/5 of the blocks stay.
test('a last block that is not full is smaller', () => {
  expect(expectedBlocks(5, 1, 2)).toBeCloseTo(1, 12);
  expect(expectedBlocks(5, 5, 2)).toBe(3);
  expect(expectedBlocks(5, 0, 2)).toBe(0);
});

// The arithmetic beside NVIDIA's example: of 1,000 blocks of 16 with a tenth kept about 815 stay, with a fifth 972, with 0.3 997.
test('16,000 tokens', () => {
  const stay = [0.1, 0.2, 0.3].map((share) => expectedBlocks(16_000, 16_000 * share, 16));
  expect(stay.map(Math.round)).toEqual([815, 972, 997]);
  // With 16 heads that choose apart not one block comes back.
  expect(1000 - expectedBlocks(16_000, 1600, 16, 16)).toBeLessThan(1e-8);
});

test('is what chance does', () => {
  const [slots, kept, size, heads, rounds] = [64, 5, 8, 2, 4000];
  const random = seeded(1);
  const all = Array.from({ length: slots }, (_, slot) => slot);
  let blocks = 0;
  for (let round = 0; round < rounds; round++) {
    const held = new Set<number>();
    for (let head = 0; head < heads; head++)
      for (const slot of shuffle(random, all).slice(0, kept)) held.add(Math.floor(slot / size));
    blocks += held.size;
  }
  expect(blocks / rounds).toBeCloseTo(expectedBlocks(slots, kept, size, heads), 1);
});
