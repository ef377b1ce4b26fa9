import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quest, bound } from '../../../src/engine/retrieval/quest.ts';
import type { KVCache } from '../../../src/engine/cache/kv-cache.ts';
import { compare, config, engineOf, shortPrompt } from '../harbour.ts';
import { cacheOf } from '../fate/caches.ts';
import { forkOf, laneOf, range } from '../lanes.ts';

const { headDim, heads, kvHeads, layers } = config;
const group = heads / kvHeads;

const page = (...keys: number[][]) => ({
  low: Float32Array.from(keys[0]!, (_, c) => Math.min(...keys.map((key) => key[c]!))),
  high: Float32Array.from(keys[0]!, (_, c) => Math.max(...keys.map((key) => key[c]!))),
});

/** The largest score of any key with any query of the group, the plainest way. */
const largest = (queries: readonly number[][], keys: readonly number[][]) =>
  Math.max(...queries.flatMap((query) => keys.map((key) => key.reduce((sum, x, c) => sum + x * query[c]!, 0))));

describe('the bound of a page', () => {
  // Ranges: [-1, 2], [0, 3]. The query (2, -1) can get 2 * 2 - 1 * 0 = 4 of them, and gets 2 * 2 - 3 = 1 and -2 - 0 of its keys.
  test('takes the better end of every channel', () => {
    const [a, b] = [
      [2, 3],
      [-1, 0],
    ];
    expect(bound(Float32Array.of(2, -1), page(a!, b!))).toBe(4);
    expect(bound(Float32Array.of(-1, 1), page(a!, b!))).toBe(1 + 3);
    expect(bound(Float32Array.of(0, 0), page(a!, b!))).toBe(0);
    expect(largest([[2, -1]], [a!, b!])).toBe(1);
  });

  // The second query can get 1 + 3.
  test('is the highest of any query of the group', () => {
    expect(bound(Float32Array.of(2, -2, -1, 1), page([2, 3], [-1, 0]))).toBe(4);
    expect(bound(Float32Array.of(-1, 1, 2, 5), page([2, 3], [-1, 0]))).toBe(4 + 15);
  });

  test('of one key alone, is its score', () => {
    expect(bound(Float32Array.of(2, -1), page([3, 4]))).toBe(2);
  });

  test('is never below what a key scores, for any keys and queries', () => {
    const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
    const row = fc.array(number, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 3 }),
        fc.array(row, { minLength: 1, maxLength: 8 }),
        (queries, keys) => {
          // Sums of doubles in the same order round alike, so that not even the last bit may be below.
          expect(bound(Float32Array.from(queries.flat()), page(...keys))).toBeGreaterThanOrEqual(
            largest(queries, keys),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** A cache of one head with the given numbers in the first channel of its keys. */
const cacheWith = (...keys: number[]) =>
  cacheOf([{ keys: keys.map((x) => [x, 0, 0, 0]), values: keys.map((x) => [x, 0, 0, 0]) }]).cache;

const query = (x: number) => Float32Array.of(x, 0, 0, 0);

// Pages of two: (0, 5), (1, 1), (-9, 2), (3, 3), and 7 alone, which is the newest.
describe('nine entries in pages of two', () => {
  const cache = cacheWith(0, 5, 1, 1, -9, 2, 3, 3, 7);
  const read = (top: number, x: number, count = 9) => {
    const entries = quest.make({ top, page: 2, dense: 0 }).attend!(0, 0, query(x), cache, count);
    return entries && [...entries];
  };

  // A query of 1: bounds 5, 1, 2, 3. A query of -1: 0, -1, 9, -3.
  test('the pages with the highest bounds are read, in the order of the text, and the newest page always', () => {
    expect(read(1, 1)).toEqual([0, 1, 8]);
    expect(read(2, 1)).toEqual([0, 1, 6, 7, 8]);
    expect(read(3, 1)).toEqual([0, 1, 4, 5, 6, 7, 8]);
    expect(read(1, -1)).toEqual([4, 5, 8]);
    expect(read(2, -1)).toEqual([0, 1, 4, 5, 8]);
  });

  test('of equal bounds the older page is read', () => {
    expect(read(2, 0)).toEqual([0, 1, 2, 3, 8]);
  });

  test('as many pages as there are, or more: everything', () => {
    expect([read(4, 1), read(5, 1), read(256, 1)]).toEqual([undefined, undefined, undefined]);
  });

  // Of eight entries the fourth page is the newest, though it is full; of two, the first is. A token sees what was there when it came.
  test('the newest page is the one of the newest entry', () => {
    expect(read(1, 1, 8)).toEqual([0, 1, 6, 7]);
    expect(read(1, -1, 7)).toEqual([4, 5, 6]);
    expect(read(1, -1, 5)).toEqual([0, 1, 4]);
    expect([read(1, 1, 4), read(1, 1, 2), read(1, 1, 1)]).toEqual([undefined, undefined, undefined]);
  });

  test('dense layers read everything', () => {
    const layered = cacheOf(
      [0, 1, 2].map(() => ({
        keys: range(0, 9).map((x) => [x, 0, 0, 0]),
        values: range(0, 9).map(() => [0, 0, 0, 0]),
      })),
      3,
    ).cache;
    const retriever = quest.make({ top: 1, page: 2, dense: 2 });
    expect(range(0, 3).map((layer) => retriever.attend!(layer, 0, query(1), layered, 9)?.length)).toEqual([
      undefined,
      undefined,
      3,
    ]);
  });
});

describe('pages are summarised when they are full', () => {
  test('and then remembered; a copy of the lane goes on from there by itself', () => {
    const cache = cacheWith(0, 5, 1, 1, -9, 2, 3);
    const retriever = quest.make({ top: 1, page: 2, dense: 0 });
    expect([...retriever.attend!(0, 0, query(1), cache, 7)!]).toEqual([0, 1, 6]);
    const copy = retriever.fork();
    cache.append(2);
    [7, 9].forEach((x, i) => cache.store.key(cache.row(0, 7 + i)).set([x, 0, 0, 0]));
    for (const one of [retriever, copy]) {
      one.beforeStep!(cache);
      expect([...one.attend!(0, 0, query(1), cache, 9)!]).toEqual([6, 7, 8]);
    }
  });

  test('anew when keys were dropped, turned or encoded meanwhile', () => {
    const cache = cacheWith(0, 5, 1, 1, -9, 2, 3);
    const retriever = quest.make({ top: 1, page: 2, dense: 0 });
    const asked = (x: number) => {
      retriever.beforeStep!(cache);
      return [...(retriever.attend!(0, 0, query(x), cache, cache.count(0)) ?? [])];
    };
    expect(asked(1)).toEqual([0, 1, 6]);
    // Left are 0, 1, 1, 2, 3: pages (0, 1), (1, 2), and 3 alone.
    cache.retain(0, [Int32Array.of(0, 2, 3, 5, 6)]);
    expect(asked(1)).toEqual([2, 3, 4]);
    // The first page loses its second key and gets the next one: (0, 2), and 3 alone.
    cache.retain(0, [Int32Array.of(0, 3, 4)]);
    expect(asked(-1)).toEqual([]);
    // A codec wrote 0 and 2 as 4 and 4; then 8, 9 and 1 came: pages (4, 4), (3, 8), and 9, 1.
    cache.store.key(cache.row(0, 0)).set([4, 0, 0, 0]);
    cache.store.key(cache.row(0, 1)).set([4, 0, 0, 0]);
    cache.encoded(0, [{ kvHead: 0, side: 'keys', from: 0, to: 2, bits: 2, overhead: 0 }]);
    cache.append(3);
    [8, 9, 1].forEach((x, i) => cache.store.key(cache.row(0, 3 + i)).set([x, 0, 0, 0]));
    expect(asked(-1)).toEqual([2, 3, 4, 5]);
    expect(asked(1)).toEqual([2, 3, 4, 5]);
    // Codes of 2 and 3 as 0 and 1.
    cache.store.key(cache.row(0, 2)).set([0, 0, 0, 0]);
    cache.store.key(cache.row(0, 3)).set([1, 0, 0, 0]);
    cache.encoded(0, [{ kvHead: 0, side: 'keys', from: 2, to: 4, bits: 2, overhead: 0 }]);
    expect(asked(1)).toEqual([0, 1, 4, 5]);
  });
});

// Pages (3, 3) and (5, 5), and 1. Token 5 moves from position 5 to 2, and 6 to 3: turned back by three radians, 5 becomes 5 * cos 3 = -4.9.
test('a page is summarised anew when its keys were turned, though the words are the same', () => {
  const cache = cacheWith(3, 3, 0, 0, 0, 5, 5, 1);
  cache.retain(0, [Int32Array.of(0, 1, 5, 6, 7)]);
  const retriever = quest.make({ top: 1, page: 2, dense: 0 });
  const asked = () => {
    retriever.beforeStep!(cache);
    return [...retriever.attend!(0, 0, query(1), cache, 5)!];
  };
  expect(asked()).toEqual([2, 3, 4]);
  cache.rotate(0);
  expect(asked()).toEqual([0, 1, 4]);
});

// Two numbers of 2 bytes for each of 32 channels, for every full page of 16, in layers that are not dense.
test('summaries take room', () => {
  const retriever = quest.make({ top: 4, page: 16, dense: 2 });
  const at = (layer: number, count: number) => retriever.bytes(count, { layer, layers: 4, kvHead: 0, headDim: 32 });
  expect([at(0, 100), at(1, 100), at(2, 100), at(3, 15), at(3, 16), at(3, 31), at(3, 32)]).toEqual([
    0,
    0,
    6 * 128,
    0,
    128,
    128,
    256,
  ]);
});

describe('on the model', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(11));
  const [word, other] = [prepared.prompt.tokens[4]!, prepared.prompt.tokens[20]!];

  const keysOf = (cache: KVCache, head: number, from: number, to: number) =>
    range(from, to).map((entry) => [...cache.store.key(cache.row(head, entry))]);

  test("the bound is never below what a key scores, over the model's own pages and queries", () => {
    const { cache, queries } = prepared.prefix;
    const { heap } = engine.model.kernels;
    let tight = 0;
    for (const layer of range(0, layers)) {
      for (const kvHead of range(0, kvHeads)) {
        for (const from of range(0, 8).map((at) => 16 * at)) {
          const keys = keysOf(cache, layer * kvHeads + kvHead, from, from + 16);
          const summary = page(...keys);
          for (const token of range(0, 16).map((i) => 8 * i + 7)) {
            const group2 = heap.floats(queries.at(layer, token) + kvHead * group * headDim, group * headDim);
            const both = range(0, group).map((g) => [...group2.subarray(g * headDim, (g + 1) * headDim)]);
            const most = bound(group2, summary);
            const score = largest(both, keys);
            expect(most).toBeGreaterThanOrEqual(score);
            tight += Number(most < score + Math.abs(score));
          }
        }
      }
    }
    // It tells something: often it is less than twice the score.
    expect(tight).toBeGreaterThan(100);
  });

  test('as many pages as there are: the full cache, bit for bit', () => {
    const lanes = [
      'full',
      'quest(top=8,dense=0)',
      'quest(top=256,page=64,dense=0)',
      'quest(top=1,dense=4)',
      'quest(top=1,dense=0)',
    ];
    const [full, all, large, dense, one] = compare(engine, prepared, lanes, 1);
    const logits = (run: typeof full) => run!.steps.map((step) => step.logits);
    for (const run of [all, large, dense]) expect(logits(run)).toEqual(logits(full));
    expect(logits(one)).not.toEqual(logits(full));
    expect(one!.work.decode).toBeLessThan(full!.work.decode);
  });

  // 128 tokens and a question of some, in pages of 16: eight full ones and the newest. Dense layers read all.
  test('a step reads so many pages and the newest, and in dense layers everything', () => {
    const lane = 'quest(top=2,page=16,dense=3)';
    const [run] = compare(engine, prepared, [lane], 1);
    const { read, length } = run!.steps[0]!.looked!;
    const held = length;
    const newest = ((held - 1) % 16) + 1;
    for (const head of range(0, layers * kvHeads)) {
      const tokens = range(0, held).filter((token) => read[head * held + token]);
      if (head < 3 * kvHeads) expect(tokens).toEqual(range(0, held));
      else {
        expect(tokens).toHaveLength(2 * 16 + newest);
        expect(tokens.slice(-newest)).toEqual(range(held - newest, held));
        expect(new Set(tokens.map((token) => Math.floor(token / 16))).size).toBe(3);
      }
    }
  });

  // What a lane remembers of its pages must be what it would find if it looked at them for the first time.
  test.each([
    'snapkv(window=4)+every(3)',
    'adakv(knorm)+every(2)+rerotate',
    'h2o+every(5)+kivi(bits=2,group=4,residual=4)',
    'kivi(group=8,residual=8)',
    'tova+between-turns+merge+compact(order=false)',
  ])('%s: pages are those of the keys that are there now', (lane) => {
    const settings = { top: 2, page: 4, dense: 1 };
    const alone = laneOf(engine, prepared, `${lane}+quest(top=2,page=4,dense=1)`, 0.4);
    const check = ({ lane: one }: typeof alone) => {
      const { cache, plan } = one;
      plan.retriever.beforeStep!(cache);
      const fresh = quest.make(settings);
      let some = 0;
      for (const layer of range(1, layers)) {
        for (const kvHead of range(0, kvHeads)) {
          const count = cache.count(layer * kvHeads + kvHead);
          const queries = engine.model.kernels.heap
            .floats(prepared.prefix.queries.at(layer, 100) + kvHead * group * headDim, group * headDim)
            .slice();
          const entries = plan.retriever.attend!(layer, kvHead, queries, cache, count);
          expect(entries).toEqual(fresh.attend!(layer, kvHead, queries, cache, count));
          some += Number(entries !== undefined);
        }
      }
      expect(some).toBeGreaterThan(0);
    };
    for (let step = 0; step < 12; step++) {
      alone.read(word);
      check(alone);
      if (step === 6) alone.lane.act('turn');
    }
    const fork = forkOf(engine, alone);
    // The fork and the lane read other words in the same places.
    for (let step = 0; step < 9; step++) {
      fork.read(other);
      alone.read(word);
    }
    check(fork);
    check(alone);
  });
});
