import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PoolEvent } from '../../../src/engine/paging/events.ts';
import { BlockPool, blockSize } from '../../../src/engine/paging/pool.ts';

test('a block has 16 slots', () => expect(blockSize).toBe(16));

test('blocks are handed out in order, and the last one returned goes first, so that runs repeat', () => {
  const pool = new BlockPool(3);
  expect([pool.allocate(), pool.allocate(), pool.allocate()]).toEqual([0, 1, 2]);
  pool.release(1);
  pool.release(0);
  expect([pool.allocate(), pool.allocate()]).toEqual([0, 1]);
});

test('it grows: new blocks come in the order of their numbers, and behind those that were free already', () => {
  const pool = new BlockPool();
  expect([pool.size, pool.free]).toEqual([0, 0]);
  expect(pool.grow(3)).toBe(0);
  expect([pool.allocate(), pool.allocate()]).toEqual([0, 1]);
  // Block 2 is still free, and waits in front of the four new ones.
  expect(pool.grow(4)).toBe(3);
  expect([pool.size, pool.free]).toEqual([7, 5]);
  expect([pool.references(0), pool.references(2), pool.references(6)]).toEqual([1, 0, 0]);
  expect(Array.from({ length: 5 }, () => pool.allocate())).toEqual([2, 3, 4, 5, 6]);
  expect(pool.free).toBe(0);
});

test('growing by nothing changes nothing', () => {
  const pool = new BlockPool(2);
  expect([pool.grow(0), pool.size, pool.free, pool.allocate()]).toEqual([2, 2, 2, 0]);
});

describe('a block with a hash', () => {
  test('waits at the tail, where it can be revived; one without waits where the pool was told', () => {
    for (const unhashedTo of ['tail', 'front'] as const) {
      const pool = new BlockPool(4, { unhashedTo });
      const [a, b] = [pool.allocate(), pool.allocate()];
      pool.register(a, 'x');
      pool.release(a);
      pool.release(b);
      expect(pool.queue).toEqual(unhashedTo === 'tail' ? [2, 3, 0, 1] : [1, 2, 3, 0]);
      pool.share(a);
      expect(pool.queue).toEqual(unhashedTo === 'tail' ? [2, 3, 1] : [1, 2, 3]);
      expect([pool.references(a), pool.free]).toEqual([1, 3]);
    }
  });

  test('is forgotten when it is taken for something else; of twins the oldest is found', () => {
    const events: PoolEvent[] = [];
    const pool = new BlockPool(2, { emit: (event) => events.push(event) });
    pool.register(pool.allocate(), 'x');
    pool.register(pool.allocate(), 'x');
    expect(pool.find('x')).toBe(0);
    pool.release(0);
    expect([pool.allocate(), pool.find('x'), pool.hash(0), pool.hash(1)]).toEqual([0, 1, undefined, 'x']);
    expect(events.slice(-2)).toEqual([
      { type: 'take', block: 0 },
      { type: 'evict', block: 0, hash: 'x' },
    ]);
    pool.release(1);
    pool.allocate();
    expect(pool.find('x')).toBeUndefined();
  });
});

test('the null block is never handed out', () => {
  const pool = new BlockPool(3, { nullBlock: true });
  expect([pool.free, pool.allocate(), pool.allocate(), pool.free]).toEqual([2, 1, 2, 0]);
  expect(() => pool.share(0)).toThrow('Block 0 is free and cannot be shared.');
});

describe('says what is wrong', () => {
  test('when it is full, with its size, and stays as it was', () => {
    const pool = new BlockPool(2);
    pool.allocate();
    pool.allocate();
    expect(() => pool.allocate()).toThrow('The pool of 2 blocks is full.');
    pool.release(1);
    expect(pool.allocate()).toBe(1);
    expect(() => new BlockPool(0).allocate()).toThrow('The pool of 0 blocks is full.');
  });

  test('when a free block is shared or released', () => {
    const pool = new BlockPool(2);
    expect(() => {
      pool.share(0);
    }).toThrow('Block 0 is free and cannot be shared.');
    pool.release(pool.allocate());
    expect(() => {
      pool.release(0);
    }).toThrow('Block 0 is already free.');
    expect(pool.free).toBe(2);
  });

  test('when there is no such block', () => {
    const pool = new BlockPool(2);
    expect(() => {
      pool.share(2);
    }).toThrow('Block 2 is free and cannot be shared.');
    expect(() => {
      pool.release(-1);
    }).toThrow('Block -1 is already free.');
    expect([pool.size, pool.free]).toEqual([2, 2]);
  });
});

test('any sequence: counts are those of a plain table, and a block is free exactly when nobody refers to it', () => {
  const step = fc.record({ kind: fc.constantFrom('allocate', 'share', 'release', 'grow'), block: fc.nat(11) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const pool = new BlockPool(2);
      const counts = [0, 0];
      for (const { kind, block } of steps) {
        if (kind === 'allocate' && counts.includes(0)) {
          const got = pool.allocate();
          expect(counts[got]).toBe(0);
          counts[got] = 1;
        } else if (kind === 'share' && counts[block]) {
          pool.share(block);
          counts[block]!++;
        } else if (kind === 'release' && counts[block]) {
          pool.release(block);
          counts[block]!--;
        } else if (kind === 'grow' && counts.length < 10) {
          expect(pool.grow(block % 3)).toBe(counts.length);
          counts.push(...new Array<number>(block % 3).fill(0));
        }
        expect(counts.map((_, i) => pool.references(i))).toEqual(counts);
        expect([pool.size, pool.free]).toEqual([counts.length, counts.filter((count) => count === 0).length]);
      }
    }),
  );
});
