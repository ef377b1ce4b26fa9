import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePending } from '../../../src/engine/cache/encode.ts';
import { KVCache } from '../../../src/engine/cache/kv-cache.ts';
import type { Event } from '../../../src/engine/events.ts';
import { cacheBytes } from '../../../src/engine/measure/bytes.ts';
import { kivi } from '../../../src/engine/quantization/kivi.ts';
import { perLayer } from '../../../src/engine/quantization/per-layer.ts';
import type { Codec, HeadShape, Side } from '../../../src/engine/quantization/types.ts';
import { seeded, type Random } from '../../../src/engine/random.ts';
import { turn } from './expected.ts';
import { expectSound, expectTold, storeOf, tiny, watched, type Watched } from './stores.ts';

const { layers, kvHeads, headDim: d } = tiny;
const every = [...Array(layers * kvHeads).keys()];
const sides = ['keys', 'values'] as const;

/** Keys wait in eights, and so do the newest eight values. */
const codec = kivi.make({ bits: 2, group: 8, residual: 8, channels: true }, []);

const shapeOf = (head: number): HeadShape => ({
  layer: Math.floor(head / kvHeads),
  layers,
  kvHead: head % kvHeads,
  headDim: d,
});

const row = (cache: KVCache, head: number, entry: number, side: Side) =>
  cache.store[side === 'keys' ? 'key' : 'value'](cache.row(head, entry));

function append(cache: KVCache, random: Random, count: number): void {
  cache.append(count);
  for (let i = count; i > 0; i--) {
    for (const head of every) {
      for (const side of sides) {
        row(cache, head, cache.count(head) - i, side).set(Array.from({ length: d }, () => random() * 4 - 2));
      }
    }
  }
}

/** Rows that a head holds, one after the other. */
const rows = (cache: KVCache, head: number, side: Side) =>
  Float32Array.from(Array.from({ length: cache.count(head) }, (_, entry) => [...row(cache, head, entry, side)]).flat());

const allRows = (cache: KVCache) => every.map((head) => sides.map((side) => rows(cache, head, side)));

const encodeAll = (cache: KVCache, by: Codec = codec) => {
  for (let layer = 0; layer < layers; layer++) encodePending(cache, by, layer);
};

/** Entries of each head that are written with few bits: of the keys and of the values. */
const written = ({ columns }: KVCache) =>
  every.map((head) =>
    [columns.keyBits, columns.valueBits].map(
      (bits) =>
        bits.subarray(head * columns.capacity, head * columns.capacity + columns.counts[head]!).filter((b) => b < 16)
          .length,
    ),
  );

/** What a codec leaves of rows: the first so many encoded and decoded, the rest as they are. */
function expected(whole: Float32Array, side: Side, encoded: number, head: number): Float32Array {
  const copy = whole.slice();
  if (encoded) copy.set(codec.encode(whole.slice(0, encoded * d), side, shapeOf(head)).decode());
  return copy;
}

function setUp(tokens: number, seed = 1): Watched {
  const one = watched(storeOf());
  append(one.cache, seeded(seed), tokens);
  return one;
}

test('the oldest kept rows are what the codec leaves of them, the newest are untouched', () => {
  const masks = fc.array(fc.boolean(), { minLength: 90, maxLength: 90 });
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 80 }),
      fc.tuple(masks, masks, masks, masks),
      (seed, tokens, kept) => {
        const one = setUp(tokens, seed);
        const { cache } = one;
        for (let layer = 0; layer < layers; layer++) {
          const lists = kept.slice(layer * kvHeads, (layer + 1) * kvHeads);
          cache.retain(
            layer,
            lists.map((mask) => Int32Array.from([...Array(tokens).keys()].filter((i) => mask[i]))),
          );
        }
        const before = allRows(cache);
        encodeAll(cache);
        for (const head of every) {
          const count = cache.count(head);
          const [keys, values] = [count - (count % 8), Math.max(0, count - 8)];
          expect(written(cache)[head]).toEqual([keys, values]);
          expect(rows(cache, head, 'keys')).toEqual(expected(before[head]![0]!, 'keys', keys, head));
          expect(rows(cache, head, 'values')).toEqual(expected(before[head]![1]!, 'values', values, head));
        }
        expectTold(one);
      },
    ),
    { numRuns: 60 },
  );
});

test('token by token ends as all at once, for keys group by group and for values one by one', () => {
  const whole = setUp(45);
  encodeAll(whole.cache);
  const one = setUp(0);
  const random = seeded(1);
  // The same numbers in the same order: a token at a time, head by head.
  for (let i = 0; i < 45; i++) {
    append(one.cache, random, 1);
    encodeAll(one.cache);
  }
  expect(written(one.cache)).toEqual(written(whole.cache));
  expect(written(one.cache)).toEqual(every.map(() => [40, 37]));
  expect(allRows(one.cache)).toEqual(allRows(whole.cache));
  expect(cacheBytes(one.cache)).toEqual(cacheBytes(whole.cache));
  expectTold(one);
});

test('bytes that are counted entry by entry are those that the codec names', () => {
  fc.assert(
    fc.property(fc.nat(100), (tokens) => {
      const { cache } = setUp(tokens);
      encodeAll(cache);
      const { keys, values, metadata } = cacheBytes(cache);
      const each = codec.bytes(tokens, shapeOf(0));
      expect([keys, values, metadata]).toEqual([each.keys, each.values, each.metadata].map((x) => x * every.length));
    }),
    { numRuns: 30 },
  );
});

// 19 tokens: 16 keys in two groups of eight, and 11 values. A key group has a scale and a zero of 4 bytes for each of 4 channels, so 16 bytes for 8 tokens;
// a value has one of its own.
test('one event a layer says which entries were written, with how many bits, and what lies beside each', () => {
  const { cache, log } = setUp(19);
  log.length = 0;
  encodePending(cache, codec, 1);
  const part = (kvHead: number, side: Side, to: number, overhead: number) => ({
    kvHead,
    side,
    from: 0,
    to,
    bits: 2,
    overhead,
  });
  expect(log).toEqual([
    {
      type: 'encode',
      layer: 1,
      parts: [0, 1].flatMap((kvHead) => [part(kvHead, 'keys', 16, 2), part(kvHead, 'values', 11, 4)]),
    },
  ]);
  expect(written(cache)).toEqual([
    [0, 0],
    [0, 0],
    [16, 11],
    [16, 11],
  ]);
});

test('encoding again changes nothing: what is encoded is not encoded a second time', () => {
  const { cache, log } = setUp(40);
  encodeAll(cache);
  const [before, told] = [allRows(cache), log.length];
  encodeAll(cache);
  expect([allRows(cache), log.length]).toEqual([before, told]);
  append(cache, seeded(2), 7);
  encodeAll(cache);
  for (const head of every) expect(rows(cache, head, 'keys').subarray(0, 40 * d)).toEqual(before[head]![0]);
});

test('what was encoded stays so when others leave, and counts among what is left', () => {
  const { cache } = setUp(40);
  encodeAll(cache);
  const before = allRows(cache);
  // Of 40 encoded keys 30 stay; with 7 new tokens there are 7 whole ones, fewer than a group.
  const kept = Int32Array.from([...Array(30).keys()].map((i) => i + 10));
  for (let layer = 0; layer < layers; layer++) cache.retain(layer, [kept, kept]);
  append(cache, seeded(2), 7);
  encodeAll(cache);
  expect(written(cache)).toEqual(every.map(() => [30, 29]));
  for (const head of every)
    expect(rows(cache, head, 'keys').subarray(0, 30 * d)).toEqual(before[head]![0]!.subarray(10 * d));
  append(cache, seeded(3), 1);
  encodeAll(cache);
  expect(written(cache)).toEqual(every.map(() => [38, 30]));
});

test('a lane that shares its blocks encodes a copy of its own, and the prompt keeps its numbers', () => {
  const { cache } = setUp(40);
  const before = allRows(cache);
  const lane = new KVCache(cache.store);
  lane.fork(cache);
  encodeAll(lane);
  for (const head of every) for (const at of [0, 1]) expect(allRows(lane)[head]![at]).not.toEqual(before[head]![at]);
  expect(allRows(cache)).toEqual(before);
  expectSound(cache.store, [cache, lane]);
});

test('a forked lane goes its own way, and knows what was encoded before', () => {
  const { cache } = setUp(30);
  encodeAll(cache);
  const lane = watched(cache.store);
  lane.cache.fork(cache);
  expect(written(lane.cache)).toEqual(every.map(() => [24, 22]));
  append(lane.cache, seeded(9), 20);
  encodeAll(lane.cache);
  expect([written(cache)[0], written(lane.cache)[0]]).toEqual([
    [24, 22],
    [48, 42],
  ]);
  append(cache, seeded(8), 3);
  encodeAll(cache);
  // The first 24 keys were encoded before the fork, on a grid that both share.
  for (const head of every) {
    expect(rows(lane.cache, head, 'keys').subarray(0, 24 * d)).toEqual(rows(cache, head, 'keys').subarray(0, 24 * d));
  }
  expect(written(lane.cache)).toEqual(every.map(() => [48, 42]));
});

test('a codec for each layer: bits differ from layer to layer', () => {
  const mixed = perLayer.make({ first: 1 }, [
    kivi.make({ bits: 4, group: 8, residual: 8, channels: true }, []),
    kivi.make({ bits: 2, group: 4, residual: 4, channels: true }, []),
  ]);
  const one = setUp(22);
  encodeAll(one.cache, mixed);
  const { columns } = one.cache;
  const bits = (head: number) => [columns.keyBits[head * columns.capacity], columns.valueBits[head * columns.capacity]];
  expect(every.map(bits)).toEqual([
    [4, 4],
    [4, 4],
    [2, 2],
    [2, 2],
  ]);
  // Keys in eights and values but eight; keys in fours and values but four.
  expect(written(one.cache)).toEqual([
    [16, 14],
    [16, 14],
    [20, 18],
    [20, 18],
  ]);
  expectTold(one);
});

describe('a codec that wants keys as they were before RoPE', () => {
  interface Given {
    readonly side: Side;
    readonly rows: Float32Array;
    readonly at: HeadShape;
  }

  /** All but the newest two, of which it leaves what `change` says; it remembers what it was given. */
  function before(change: (x: number) => number): { codec: Codec; given: Given[] } {
    const given: Given[] = [];
    return {
      given,
      codec: {
        basis: () => 'before-rope',
        pending: (waiting) => Math.max(0, waiting - 2),
        encode: (some, side, at) => {
          given.push({ side, rows: some.slice(), at });
          return {
            bits: 8,
            parts: () => ({}),
            overhead: 0,
            decode: () => some.map(change),
          };
        },
        bytes: () => ({ keys: 0, values: 0, metadata: 0 }),
      },
    };
  }

  /** A cache whose keys are all (1, 2, 3, 4) before RoPE, and its values (5, 6, 7, 8). */
  function plainKeys(tokens: number): { cache: KVCache; log: Event[] } {
    const one = watched(storeOf());
    const write = (count: number) => {
      one.cache.append(count);
      for (const head of every) {
        for (let entry = one.cache.count(head) - count; entry < one.cache.count(head); entry++) {
          row(one.cache, head, entry, 'keys').set(turn([1, 2, 3, 4], one.cache.positions(head)[entry]!));
          row(one.cache, head, entry, 'values').set([5, 6, 7, 8]);
        }
      }
    };
    write(tokens);
    return one;
  }

  const about = (numbers: readonly number[]) => numbers.map((x) => expect.closeTo(x, 4));
  const times = <T>(count: number, items: readonly T[]): T[] => Array.from({ length: count }, () => items).flat();

  test('is given them so, and values as they are', () => {
    const { cache } = plainKeys(12);
    const { codec: asked, given } = before((x) => x);
    encodePending(cache, asked, 1);
    expect(given.map(({ side, at }) => [side, at])).toEqual(
      [0, 1].flatMap((kvHead) => sides.map((side) => [side, { layer: 1, layers, kvHead, headDim: d }])),
    );
    for (const { side, rows: some } of given) {
      expect([...some]).toEqual(side === 'keys' ? about(times(10, [1, 2, 3, 4])) : times(10, [5, 6, 7, 8]));
    }
  });

  // Before RoPE every key is (1, 2, 3, 4), and doubled (2, 4, 6, 8): at position 9 that is turned by 9 and by 9/10 radians.
  test('and what it decodes is turned back to where it was', () => {
    const { cache } = plainKeys(12);
    const untouched = rows(cache, 3, 'keys').slice(10 * d);
    encodePending(cache, before((x) => 2 * x).codec, 1);
    expect([...row(cache, 3, 9, 'keys')]).toEqual(
      about([
        2 * Math.cos(9) - 6 * Math.sin(9),
        4 * Math.cos(0.9) - 8 * Math.sin(0.9),
        6 * Math.cos(9) + 2 * Math.sin(9),
        8 * Math.cos(0.9) + 4 * Math.sin(0.9),
      ]),
    );
    for (let entry = 0; entry < 10; entry++) {
      expect([...row(cache, 2, entry, 'keys')]).toEqual(about(turn([2, 4, 6, 8], entry)));
      expect([...row(cache, 2, entry, 'values')]).toEqual([10, 12, 14, 16]);
    }
    expect(rows(cache, 3, 'keys').slice(10 * d)).toEqual(untouched);
  });

  test('one that loses nothing leaves the keys, but for the last bits', () => {
    const { cache } = setUp(60);
    const was = allRows(cache);
    encodeAll(cache, before((x) => x).codec);
    for (const head of every) {
      const [keys, values] = allRows(cache)[head]!;
      expect([...keys!]).toEqual(about([...was[head]![0]!]));
      expect(values).toEqual(was[head]![1]);
    }
  });

  test('positions count, not tokens: keys that were turned since are turned back from where they are', () => {
    const { cache } = plainKeys(20);
    const kept = Int32Array.of(3, 7, 12, 18, 19);
    for (let layer = 0; layer < layers; layer++) cache.retain(layer, [kept, kept]);
    cache.rotate(0);
    const { codec: asked, given } = before((x) => 2 * x);
    encodeAll(cache, asked);
    for (const { side, rows: some } of given) {
      if (side === 'keys') expect([...some]).toEqual(about(times(3, [1, 2, 3, 4])));
    }
    expect([...row(cache, 0, 2, 'keys')]).toEqual(about(turn([2, 4, 6, 8], 2)));
    expect([...row(cache, 2, 2, 'keys')]).toEqual(about(turn([2, 4, 6, 8], 12)));
  });

  test('bit by bit it ends as at once', () => {
    const round = (x: number) => Math.round(4 * x) / 4 + 0.125;
    const [whole, one] = [plainKeys(40), plainKeys(40)];
    encodeAll(whole.cache, before(round).codec);
    const { codec: asked, given } = before(round);
    // First ten of them, with a codec that lets thirty wait.
    encodeAll(one.cache, { ...asked, pending: (waiting) => waiting - 30 });
    encodeAll(one.cache, asked);
    expect(given.map(({ rows: { length } }) => length / d)).toEqual([...times(8, [10]), ...times(8, [28])]);
    expect(allRows(one.cache)).toEqual(allRows(whole.cache));
    expect(written(one.cache)).toEqual(every.map(() => [38, 38]));
  });
});
