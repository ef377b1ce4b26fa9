import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockPool, blockSize } from '../../../src/engine/paging/pool.ts';

test('a block has 16 slots', () => expect(blockSize).toBe(16));

test('blocks are handed out in order, and the last one returned goes first, so that runs repeat', () => {
  const pool = new BlockPool(3);
  expect([pool.allocate(), pool.allocate(), pool.allocate()]).toEqual([0, 1, 2]);
  pool.release(1);
  pool.release(0);
  expect([pool.allocate(), pool.allocate()]).toEqual([0, 1]);
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
});

test('any sequence: counts are those of a plain table, and a block is free exactly when nobody refers to it', () => {
  const step = fc.record({ kind: fc.constantFrom('allocate', 'share', 'release'), block: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const pool = new BlockPool(6);
      const counts = new Array<number>(6).fill(0);
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
        }
        expect(counts.map((_, i) => pool.references(i))).toEqual(counts);
        expect(pool.free).toBe(counts.filter((count) => count === 0).length);
      }
    }),
  );
});
