import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LaneCache } from '../../../src/engine/cache/lane-cache.ts';
import { blockSize } from '../../../src/engine/paging/pool.ts';
import { expectSound, markers, storeOf, write } from './stores.ts';

const capacity = 60;

/** What a lane should hold, as plain lists: for each head the positions, and for each position the marker that was written. */
interface Model {
  length: number;
  heads: number[][];
  written: number[];
}

const blank = (): Model => ({ length: 0, heads: [[], []], written: [] });

const lane = fc.nat(2);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), lane, times: fc.integer({ min: 1, max: 30 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('keep' as const),
      lane,
      head: fc.nat(1),
      mask: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reclaim' as const), lane }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fork' as const), lane, from: lane }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('own' as const), lane }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('truncate' as const),
      lane,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), lane }) },
);

describe('any sequence of what can be done to three lanes in one store', () => {
  // Three lanes of 60 tokens need twelve blocks at most. With six the pool runs out, which must leave everything as it was.
  test.each([12, 6])('of %i blocks', (blocks) => {
    let full = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 50, size: 'max' }), (steps) => {
        const store = storeOf(blocks);
        const lanes = [0, 1, 2].map(() => ({ cache: new LaneCache(store, capacity), model: blank() }));
        let marker = 0;
        for (const one of steps) {
          const { cache, model } = lanes[one.lane]!;
          try {
            if (one.kind === 'append') {
              for (let i = 0; i < one.times && model.length < capacity; i++) {
                write(cache, ++marker);
                for (const head of model.heads) head.push(model.length);
                model.written[model.length++] = marker;
              }
            } else if (one.kind === 'keep') {
              model.heads[one.head] = model.heads[one.head]!.filter((_, i) => one.mask[i % one.mask.length]);
              cache.keep(one.head, model.heads[one.head]!);
            } else if (one.kind === 'reclaim') {
              const before = cache.blocks.filter((block) => block >= 0).length;
              const freed = cache.reclaim();
              expect(cache.blocks.filter((block) => block >= 0)).toHaveLength(before - freed.length);
              const held = new Set(model.heads.flat().map((position) => Math.floor(position / blockSize)));
              const tail = model.length % blockSize ? [Math.floor(model.length / blockSize)] : [];
              expect(
                new Set(cache.blocks.flatMap((block, index) => (block >= 0 && !tail.includes(index) ? [index] : []))),
              ).toEqual(new Set([...held].filter((index) => !tail.includes(index))));
            } else if (one.kind === 'fork' && one.from !== one.lane) {
              cache.fork(lanes[one.from]!.cache);
              const { length, heads, written } = lanes[one.from]!.model;
              Object.assign(model, { length, heads: heads.map((positions) => [...positions]), written: [...written] });
            } else if (one.kind === 'own') {
              cache.ownAll();
              for (const block of cache.blocks) if (block >= 0) expect(store.pool.references(block)).toBe(1);
            } else if (one.kind === 'truncate' || one.kind === 'clear') {
              model.length = one.kind === 'clear' ? 0 : Math.floor(one.share * model.length);
              model.heads = model.heads.map((positions) => positions.filter((position) => position < model.length));
              if (one.kind === 'clear') cache.clear();
              else cache.truncate(model.length);
            }
          } catch (error) {
            expect((error as Error).message).toBe(`The pool of ${blocks} blocks is full.`);
            full++;
          }
          expectSound(
            store,
            lanes.map((each) => each.cache),
          );
          // Every lane after every step: writing into one must never be seen in another.
          for (const each of lanes) {
            expect(each.cache.length).toBe(each.model.length);
            each.model.heads.forEach((positions, head) => {
              expect([...each.cache.positions(head)]).toEqual(positions);
              expect(markers(each.cache, head)).toEqual(positions.map((position) => each.model.written[position]));
            });
          }
        }
      }),
      { numRuns: 60, seed: 4 },
    );
    expect(full > 0).toBe(blocks === 6);
  });
});

describe('by hand', () => {
  const filled = (blocks: number, tokens: number) => {
    const store = storeOf(blocks);
    const cache = new LaneCache(store, capacity);
    for (let i = 0; i < tokens; i++) write(cache, i);
    return { store, cache };
  };

  test('a forked lane shares all blocks, and copies the last one when it writes into it', () => {
    const { store, cache } = filled(8, 20);
    const fork = new LaneCache(store, capacity);
    fork.fork(cache);
    expect([fork.blocks, store.pool.free]).toEqual([[0, 1], 6]);
    write(fork, 100);
    write(cache, 200);
    expect([fork.blocks, cache.blocks, store.pool.free]).toEqual([[0, 2], [0, 1], 5]);
    expect([markers(fork, 1).at(-1), markers(cache, 1).at(-1)]).toEqual([100, 200]);
    expect([0, 1, 2].map((block) => store.pool.references(block))).toEqual([2, 1, 1]);
  });

  test('a full last block is not copied: the next token begins a new one', () => {
    const { store, cache } = filled(8, 32);
    const fork = new LaneCache(store, capacity);
    fork.fork(cache);
    write(fork, 100);
    expect(fork.blocks).toEqual([0, 1, 2]);
    expect(store.pool.free).toBe(5);
  });

  test('blocks come back when no head holds anything in them, but not the one that the next token goes into', () => {
    const { store, cache } = filled(8, 40);
    cache.keep(0, [0, 39]);
    cache.keep(1, [0, 20]);
    expect(cache.reclaim()).toEqual([]);
    cache.keep(0, [0]);
    cache.keep(1, [0]);
    expect(cache.reclaim()).toEqual([1]);
    expect([cache.blocks, store.pool.free]).toEqual([[0, -1, 2], 6]);
    write(cache, 77);
    expect(markers(cache, 0)).toEqual([0, 77]);
  });

  test('a lane that is full says so, and so does a pool; neither forgets what it held', () => {
    const { cache } = filled(8, capacity);
    expect(() => cache.append()).toThrow('This lane holds at most 60 tokens.');
    const { store, cache: small } = filled(1, 16);
    expect(() => small.append()).toThrow('The pool of 1 blocks is full.');
    expect([small.length, small.count(0)]).toEqual([16, 16]);
    expectSound(store, [small]);
  });

  test('after a rejected draft the same positions are written again', () => {
    const { store, cache } = filled(8, 35);
    cache.truncate(17);
    expect([cache.blocks, store.pool.free, cache.length]).toEqual([[0, 1], 6, 17]);
    write(cache, 500);
    expect(markers(cache, 0).slice(15)).toEqual([15, 16, 500]);
  });
});
