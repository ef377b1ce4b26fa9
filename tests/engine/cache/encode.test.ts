import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Encoder } from '../../../src/engine/cache/encode.ts';
import { LaneCache } from '../../../src/engine/cache/lane-cache.ts';
import { kivi } from '../../../src/engine/quantization/kivi.ts';
import { seeded, type Random } from '../../../src/engine/random.ts';
import { expectSound, storeOf, tiny } from './stores.ts';

const d = tiny.headDim;
const capacity = 100;
const settings = { bits: 2, group: 8, residual: 8 };

function append(cache: LaneCache, random: Random, count: number): void {
  for (let i = 0; i < count; i++) {
    const slot = cache.append();
    for (let head = 0; head < cache.store.heads; head++) {
      for (let c = slot * d; c < (slot + 1) * d; c++) {
        cache.store.keys(head)[c] = random() * 4 - 2;
        cache.store.values(head)[c] = random() * 4 - 2;
      }
    }
  }
}

/** Rows that a head holds, one after the other. */
const rows = (cache: LaneCache, head: number, side: 'keys' | 'values') =>
  Float32Array.from(
    [...cache.slots(head).subarray(0, cache.count(head))].flatMap((slot) => [
      ...cache.store[side](head).subarray(slot * d, (slot + 1) * d),
    ]),
  );

/** What KIVI leaves of `tokens` rows: the first so many encoded and decoded, the rest as they are. */
function expected(whole: Float32Array, side: 'keys' | 'values', encoded: number): Float32Array {
  const copy = whole.slice();
  const head = whole.slice(0, encoded * d);
  copy.set(
    side === 'keys'
      ? kivi.decodeKeys(kivi.encodeKeys(head, d, settings), encoded, d, settings)
      : kivi.decodeValues(kivi.encodeValues(head, d, settings), encoded, d, settings),
  );
  return copy;
}

const setUp = (tokens: number, seed = 1) => {
  const store = storeOf(24);
  const cache = new LaneCache(store, capacity);
  append(cache, seeded(seed), tokens);
  return { store, cache, encoder: new Encoder(kivi, settings, store.heads) };
};

test('the oldest kept rows are what the codec leaves of them, the newest are untouched', () => {
  const masks = fc.array(fc.boolean(), { minLength: 90, maxLength: 90 });
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 80 }), masks, masks, (seed, tokens, first, second) => {
      const { cache, encoder } = setUp(tokens, seed);
      [first, second].forEach((mask, head) =>
        cache.keep(
          head,
          [...cache.positions(head)].filter((i) => mask[i]),
        ),
      );
      const before = [0, 1].map((head) => ({ keys: rows(cache, head, 'keys'), values: rows(cache, head, 'values') }));
      encoder.settle(cache);
      before.forEach(({ keys, values }, head) => {
        const count = cache.count(head);
        expect(encoder.counts[head]).toEqual({ keys: count - (count % 8), values: Math.max(0, count - 8) });
        expect(rows(cache, head, 'keys')).toEqual(expected(keys, 'keys', count - (count % 8)));
        expect(rows(cache, head, 'values')).toEqual(expected(values, 'values', Math.max(0, count - 8)));
      });
    }),
    { numRuns: 60 },
  );
});

test('token by token ends as all at once, for keys group by group and for values one by one', () => {
  const whole = setUp(45);
  whole.encoder.settle(whole.cache);
  const { cache, encoder } = setUp(0);
  const random = seeded(1);
  for (let i = 0; i < 45; i++) {
    append(cache, random, 1);
    encoder.settle(cache);
  }
  expect(encoder.counts).toEqual(whole.encoder.counts);
  for (const head of [0, 1])
    for (const side of ['keys', 'values'] as const)
      expect(rows(cache, head, side)).toEqual(rows(whole.cache, head, side));
});

test('settling again changes nothing: what is encoded is not encoded a second time', () => {
  const { cache, encoder } = setUp(40);
  encoder.settle(cache);
  const before = rows(cache, 1, 'keys');
  encoder.settle(cache);
  append(cache, seeded(2), 7);
  encoder.settle(cache);
  expect(rows(cache, 1, 'keys').subarray(0, before.length)).toEqual(before);
});

test('a lane that shares its blocks encodes a copy of its own, and the prompt keeps its numbers', () => {
  const { store, cache, encoder } = setUp(40);
  const [keys, values] = [rows(cache, 0, 'keys'), rows(cache, 0, 'values')];
  const lane = new LaneCache(store, capacity);
  lane.fork(cache);
  encoder.settle(lane);
  expect(rows(lane, 0, 'keys')).not.toEqual(keys);
  expect([rows(cache, 0, 'keys'), rows(cache, 0, 'values')]).toEqual([keys, values]);
  expectSound(store, [cache, lane]);
});

test('a forked encoder goes its own way', () => {
  const { store, cache, encoder } = setUp(30);
  encoder.settle(cache);
  const [lane, copy] = [new LaneCache(store, capacity), encoder.fork()];
  lane.fork(cache);
  // It knows what was encoded before: nothing is written a second time.
  expect(copy.counts).toEqual([
    { keys: 24, values: 22 },
    { keys: 24, values: 22 },
  ]);
  append(lane, seeded(9), 20);
  copy.settle(lane);
  expect([encoder.counts[0], copy.counts[0]]).toEqual([
    { keys: 24, values: 22 },
    { keys: 48, values: 42 },
  ]);
  append(cache, seeded(8), 3);
  encoder.settle(cache);
  // The first 24 keys were encoded before the fork, on a grid that both share.
  expect(rows(lane, 0, 'keys').subarray(0, 24 * d)).toEqual(rows(cache, 0, 'keys').subarray(0, 24 * d));
  expect(copy.counts[0]).toEqual({ keys: 48, values: 42 });
});
