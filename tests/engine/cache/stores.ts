/** Small stores whose rows can be told apart, and what must be true of every cache in one. */
import { expect } from 'vitest';
import type { LaneCache } from '../../../src/engine/cache/lane-cache.ts';
import { Store } from '../../../src/engine/cache/store.ts';
import { plain } from '../../../src/engine/kernels/plain.ts';
import type { Config } from '../../../src/engine/model/config.ts';
import { blockSize } from '../../../src/engine/paging/pool.ts';

export const tiny: Config = {
  id: 'tiny',
  hidden: 8,
  layers: 1,
  heads: 2,
  kvHeads: 2,
  headDim: 4,
  inner: 8,
  vocabulary: 8,
  ropeTheta: 100,
  eps: 1e-5,
};

export const storeOf = (blocks: number, config = tiny): Store => new Store(config, plain(), blocks);

/** Adds a token whose rows hold `marker`, another number in every head and on either side. */
export function write(cache: LaneCache, marker: number): void {
  const { headDim } = cache.store.config;
  const slot = cache.append();
  for (let head = 0; head < cache.store.heads; head++) {
    cache.store.keys(head).fill(marker + head / 10, slot * headDim, (slot + 1) * headDim);
    cache.store.values(head).fill(-marker - head / 10, slot * headDim, (slot + 1) * headDim);
  }
}

/** Markers of what a head holds, in order: read through its slots, from both sides, which must agree. */
export function markers(cache: LaneCache, head: number): number[] {
  const { headDim } = cache.store.config;
  const [keys, values] = [cache.store.keys(head), cache.store.values(head)];
  return Array.from(cache.slots(head).subarray(0, cache.count(head)), (slot) => {
    for (let c = slot * headDim; c < (slot + 1) * headDim; c++) {
      // A plain check: millions of expectations would take minutes.
      if (keys[c] !== keys[slot * headDim] || values[c] !== -keys[c]!)
        throw new Error(`Slot ${slot} of head ${head} holds parts of two tokens.`);
    }
    return Math.round((keys[slot * headDim]! - head / 10) * 100) / 100;
  });
}

/** Blocks are referred to by exactly the tables that list them, and every held position lies in a listed block. */
export function expectSound(store: Store, caches: readonly LaneCache[]): void {
  const held = caches.flatMap(({ blocks }) => blocks.filter((block) => block >= 0));
  for (let block = 0; block < store.pool.size; block++) {
    expect(store.pool.references(block)).toBe(held.filter((one) => one === block).length);
  }
  expect(store.pool.free + new Set(held).size).toBe(store.pool.size);
  for (const cache of caches) {
    expect(new Set(cache.blocks.filter((block) => block >= 0)).size).toBe(
      cache.blocks.filter((block) => block >= 0).length,
    );
    for (let head = 0; head < store.heads; head++) {
      const positions = [...cache.positions(head)];
      expect([...new Set(positions)].sort((a, b) => a - b)).toEqual(positions);
      expect(positions.every((position) => position >= 0 && position < cache.length)).toBe(true);
      expect([...cache.slots(head).subarray(0, positions.length)]).toEqual(
        positions.map((position) => cache.slotOf(position)),
      );
      expect(positions.every((position) => cache.blocks[Math.floor(position / blockSize)]! >= 0)).toBe(true);
    }
  }
}
