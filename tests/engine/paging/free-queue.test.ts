import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FreeQueue } from '../../../src/engine/paging/free-queue.ts';

test('is taken from the head, filled at both ends, and left from the middle', () => {
  const queue = new FreeQueue();
  [4, 7, 1].forEach((block) => {
    queue.push(block);
  });
  queue.unshift(9);
  expect(queue.list()).toEqual([9, 4, 7, 1]);
  queue.remove(7);
  expect([queue.shift(), queue.list(), queue.length]).toEqual([9, [4, 1], 2]);
  expect([queue.shift(), queue.shift(), queue.shift(), queue.length]).toEqual([4, 1, undefined, 0]);
});

test('any sequence: it is what a plain list is', () => {
  const step = fc.record({ kind: fc.constantFrom('push', 'unshift', 'shift', 'remove'), block: fc.nat(6) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new FreeQueue();
      const list: number[] = [];
      for (const { kind, block } of steps) {
        if (kind === 'shift') expect(queue.shift()).toBe(list.shift());
        else if (kind === 'remove' && list.includes(block)) {
          queue.remove(block);
          list.splice(list.indexOf(block), 1);
        } else if ((kind === 'push' || kind === 'unshift') && !list.includes(block)) {
          queue[kind](block);
          list[kind](block);
        }
        expect([queue.list(), queue.length]).toEqual([list, list.length]);
      }
    }),
  );
});
