import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  chunkSizes,
  chunkSums,
  fitting,
  protectedChunks,
  ranked,
  settle,
} from '../../../src/engine/retrieval/chunks.ts';
import { cacheOf } from '../fate/caches.ts';
import { range } from '../lanes.ts';

/** Heads of so many tokens each, whose keys do not matter. */
const cacheWith = (...counts: number[]) =>
  cacheOf(
    counts.map((count) => ({
      keys: range(0, count).map((x) => [x, 0, 0, 0]),
      values: range(0, count).map(() => [0, 0, 0, 0]),
    })),
  );

// Ten tokens of a prompt of seven, in chunks of three: (0 1 2) (3 4 5) (6), and what follows is nobody's.
test('chunks are counted over all heads, and only of the prompt', () => {
  const { cache } = cacheWith(10, 10);
  const chunks = { size: 3, prompt: 7 };
  expect([...chunkSizes(cache, chunks)]).toEqual([6, 6, 2]);
  cache.retain(0, [Int32Array.of(0, 4, 5, 9), Int32Array.of(6)]);
  expect([...chunkSizes(cache, chunks)]).toEqual([1, 2, 1]);
  expect([...chunkSums([1, 2, 3, 4, 5, 6, 7, 100], chunks)]).toEqual([6, 15, 7]);
});

// With 10 tokens the newest 4 begin at 6, in chunk 2; with 7 they begin at 3.
test('the first chunk and those of the newest tokens come first', () => {
  const chunks = { size: 3, prompt: 7 };
  expect(protectedChunks(10, 4, chunks)).toEqual([0, 2]);
  expect(protectedChunks(7, 4, chunks)).toEqual([0, 2, 1]);
  expect(protectedChunks(20, 4, chunks)).toEqual([0]);
  expect(protectedChunks(7, 100, chunks)).toEqual([0, 2, 1]);
});

test('of equal scores the newer chunk is better', () => {
  expect(ranked([1, 3, 1, 2])).toEqual([1, 3, 2, 0]);
});

// Room for ten: 4, then 5 does not fit behind 4 and 3, so the 2 after it does.
test('each that still fits', () => {
  expect([...fitting([0, 2, 1, 3], [4, 5, 3, 2], 10)]).toEqual([1, 0, 1, 1]);
  expect([...fitting([0, 2, 1, 3], [4, 5, 3, 2], 3)]).toEqual([0, 0, 1, 0]);
});

// What leaves goes out first, of all layers; then what comes back comes in.
test('out first, then in', () => {
  const { cache, events } = cacheWith(6);
  const chunks = { size: 2, prompt: 5 };
  settle(cache, Uint8Array.of(1, 0, 1), chunks);
  events.length = 0;
  settle(cache, Uint8Array.of(0, 1, 1), chunks);
  expect(events).toEqual([
    { type: 'move', layer: 0, to: 'host', moves: [Uint32Array.of(0, 0, 1, 1)] },
    { type: 'move', layer: 0, to: 'device', moves: [Uint32Array.of(2, 0, 3, 1)] },
  ]);
  expect([...cache.near(0)!]).toEqual([2, 3, 4, 5]);
  // Token 5 came behind the prompt, and stays, though nobody wants its chunk.
  settle(cache, Uint8Array.of(0, 0, 0), chunks);
  expect([...cache.near(0)!]).toEqual([5]);
});

/** Chunks of one size, what each is worth in truth, and any guess of it. */
const cases = fc.integer({ min: 2, max: 30 }).chain((count) =>
  fc.record({
    truth: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: count, maxLength: count }),
    guess: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: count, maxLength: count }),
    must: fc.uniqueArray(fc.nat(count - 1), { maxLength: 4 }),
    room: fc.nat(count * 5),
  }),
);

test('who knows what comes has at least as much of it near as whoever guesses', () => {
  fc.assert(
    fc.property(cases, ({ truth, guess, must, room }) => {
      const sizes = truth.map(() => 5);
      const [oracle, other] = [truth, guess].map((scores) => fitting([...must, ...ranked(scores)], sizes, room));
      const had = (near: Uint8Array) => truth.reduce((sum, worth, chunk) => sum + worth * near[chunk]!, 0);
      expect(had(oracle!)).toBeGreaterThanOrEqual(had(other!));
      for (const near of [oracle!, other!]) {
        const count = near.reduce((a, b) => a + b, 0);
        expect(5 * count).toBeLessThanOrEqual(room);
        // Nothing is left out for which there is room.
        expect(count).toBe(Math.min(truth.length, Math.floor(room / 5)));
      }
    }),
    { numRuns: 300 },
  );
});
