import { describe, expect, test } from 'vitest';
import { BlockManager } from '../../../src/engine/paging/block-manager.ts';
import type { PoolEvent } from '../../../src/engine/paging/events.ts';
import { hashChain } from '../../../src/engine/paging/hash-chain.ts';
import { BlockPool, type PoolOptions } from '../../../src/engine/paging/pool.ts';
import { noPrefixCache } from '../../../src/engine/paging/prefix-cache.ts';

/** Tokens from, from + 1, ... */
const run = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

function managerOf(blocks: number, options: PoolOptions = { unhashedTo: 'tail' }) {
  const events: PoolEvent[] = [];
  const emit = (event: PoolEvent) => events.push(event);
  const pool = new BlockPool(blocks, { ...options, emit });
  const manager = new BlockManager(pool, 4, hashChain(pool, 4), emit);
  const table = (name: string) => manager.requests.get(name)!.blocks;
  const counts = () => Array.from({ length: blocks }, (_, block) => pool.references(block));
  return { pool, manager, events, table, counts };
}

// The worked example of vLLM's design page on prefix caching: blocks of 4, a pool of 10.
test("vLLM's example, step by step", () => {
  const { pool, manager, table, counts } = managerOf(10);
  expect(manager.add('0', run(0, 15))).toBe(0);
  expect([table('0'), pool.hash(2), pool.hash(3)]).toEqual([[0, 1, 2, 3], expect.any(String), undefined]);
  // The sixteenth token fills block 3, the next one takes block 4.
  expect([manager.append('0', [15]), manager.append('0', [16])]).toEqual([0, 1]);
  expect([table('0'), typeof pool.hash(3)]).toEqual([[0, 1, 2, 3, 4], 'string']);
  // Ten tokens in common are two full blocks.
  expect(manager.add('1', [...run(0, 10), 90, 91, 92, 93])).toBe(8);
  expect([table('1'), counts()]).toEqual([
    [0, 1, 5, 6],
    [2, 2, 1, 1, 1, 1, 1, 0, 0, 0],
  ]);
  manager.done('0');
  expect(pool.queue).toEqual([7, 8, 9, 4, 3, 2]);
  manager.done('1');
  expect(pool.queue).toEqual([7, 8, 9, 4, 3, 2, 6, 5, 1, 0]);
  // 29 tokens are eight blocks; the first three are revived before anything is taken, and of the five taken only block 3 was still known.
  expect(manager.add('2', [...run(0, 12), ...run(200, 17)])).toBe(12);
  expect([table('2'), pool.queue]).toEqual([
    [0, 1, 2, 7, 8, 9, 4, 3],
    [6, 5],
  ]);
});

describe('a text that is known to its end', () => {
  test('computes its last block anew, into a block of its own with the same hash', () => {
    const { pool, manager, table } = managerOf(6);
    manager.add('a', run(0, 8));
    expect(manager.add('b', run(0, 8))).toBe(4);
    expect(table('b')).toEqual([0, 2]);
    expect(pool.hash(2)).toBe(pool.hash(1));
    // Who asks next finds the older of the two; when that is gone, the younger.
    expect([manager.add('c', run(0, 9)), table('c').slice(0, 2)]).toEqual([8, [0, 1]]);
  });
});

describe('what does not fit', () => {
  test('is refused as a whole, and nothing changes', () => {
    const { pool, manager, events } = managerOf(4);
    manager.add('a', run(0, 9));
    manager.done('a');
    const before = pool.queue;
    events.length = 0;
    // Two hits lie in the queue, so that of four free blocks two are left; three more are needed.
    expect(manager.add('b', [...run(0, 8), ...run(50, 9)])).toBeUndefined();
    expect([pool.queue, [...manager.requests.keys()]]).toEqual([before, []]);
    expect(events).toEqual([{ type: 'refuse', blocks: 3, free: 2 }]);
    // Two do fit.
    expect(manager.add('b', [...run(0, 8), ...run(50, 8)])).toBe(8);
    expect(pool.free).toBe(0);
    expect(manager.append('b', [1])).toBeUndefined();
    expect(manager.requests.get('b')!.tokens.length).toBe(16);
  });

  test('a copy counts as a block', () => {
    const { manager } = managerOf(2);
    manager.add('a', run(0, 3));
    manager.fork('b', 'a');
    expect(manager.append('a', [7])).toBe(1);
    expect(manager.append('b', [8])).toBe(0);
    manager.done('b');
    manager.fork('b', 'a');
    expect([manager.append('a', [9]), manager.append('b', [9])]).toEqual([1, undefined]);
  });
});

describe('copy on write', () => {
  // 6 tokens: block 0 is full, block 1 is half. Both requests hold both.
  test('who writes first gets a copy, who is left writes in place, and full blocks stay shared', () => {
    const { pool, manager, table, counts, events } = managerOf(5);
    manager.add('a', run(0, 6));
    manager.fork('b', 'a');
    expect(counts()).toEqual([2, 2, 0, 0, 0]);
    expect(manager.append('b', [60, 61])).toBe(1);
    expect([table('a'), table('b'), counts()]).toEqual([
      [0, 1],
      [0, 2],
      [2, 1, 1, 0, 0],
    ]);
    expect(events).toContainEqual({ type: 'copy', from: 1, to: 2 });
    expect(manager.append('a', [6])).toBe(0);
    expect([table('a'), pool.hash(1), typeof pool.hash(2)]).toEqual([[0, 1], undefined, 'string']);
  });

  test('a full last block is not copied, and no tokens are no write', () => {
    const { manager, table } = managerOf(4);
    manager.add('a', run(0, 4));
    manager.fork('b', 'a');
    expect([manager.append('b', []), manager.append('b', [9])]).toEqual([0, 1]);
    expect([table('a'), table('b')]).toEqual([[0], [0, 1]]);
    const half = managerOf(4);
    half.manager.add('a', run(0, 3));
    half.manager.fork('b', 'a');
    expect([half.manager.append('b', []), half.table('b')]).toEqual([0, [0]]);
  });
});

test('a freed block without a hash goes to the front in the newer variant', () => {
  for (const unhashedTo of ['tail', 'front'] as const) {
    const { pool, manager } = managerOf(5, { unhashedTo });
    manager.add('a', run(0, 9));
    manager.done('a');
    expect(pool.queue).toEqual(unhashedTo === 'tail' ? [3, 4, 2, 1, 0] : [2, 3, 4, 1, 0]);
  }
});

test('salt and extra keys part equal texts', () => {
  const { manager } = managerOf(12);
  manager.add('a', run(0, 9), { salt: 'x' });
  expect(manager.add('b', run(0, 9), { salt: 'y' })).toBe(0);
  expect(manager.add('c', run(0, 9), { salt: 'x' })).toBe(8);
  expect(manager.add('d', run(0, 9))).toBe(0);
});

test('without prefix caching nothing is found, and nothing is remembered', () => {
  const pool = new BlockPool(6);
  const manager = new BlockManager(pool, 4, noPrefixCache(pool));
  manager.add('a', run(0, 9));
  expect([manager.add('b', run(0, 9)), pool.hash(0), pool.free]).toEqual([0, undefined, 0]);
});
