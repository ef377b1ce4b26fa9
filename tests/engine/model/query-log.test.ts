import { expect, test } from 'vitest';
import type { Address } from '../../../src/engine/kernels/heap.ts';
import { plain } from '../../../src/engine/kernels/plain.ts';
import { QueryLog } from '../../../src/engine/model/query-log.ts';
import { tiny } from '../cache/stores.ts';

/** Four query heads of four numbers. */
const width = tiny.heads * tiny.headDim;

function setUp() {
  const { heap } = plain();
  const from = heap.take(width);
  /** Queries that are all `mark`. */
  const write = (log: QueryLog, layer: number, token: number, mark: number) => {
    heap.floats(from, width).fill(mark);
    log.write(layer, token, from);
  };
  const marks = (at: Address) => new Set(heap.floats(at, width));
  const expectMarks = (log: QueryLog, tokens: number, of: (layer: number, token: number) => number) => {
    for (let layer = 0; layer < tiny.layers; layer++) {
      for (let token = 0; token < tokens; token++)
        expect(marks(log.at(layer, token))).toEqual(new Set([of(layer, token)]));
    }
  };
  return { heap, write, expectMarks };
}

test('keeps the queries of each layer and token, also when it grows and the memory moves', () => {
  const { heap, write, expectMarks } = setUp();
  const log = new QueryLog(tiny, heap);
  for (let token = 0; token < 100; token++) {
    log.reserve(token + 1);
    for (let layer = 0; layer < tiny.layers; layer++) write(log, layer, token, 1000 * layer + token);
  }
  heap.take(1_000_000);
  expectMarks(log, 100, (layer, token) => 1000 * layer + token);
});

test('goes on from another one, which it reads but never writes', () => {
  const { heap, write, expectMarks } = setUp();
  const before = new QueryLog(tiny, heap);
  before.reserve(20);
  const after = new QueryLog(tiny, heap, before, 20);
  after.reserve(50);
  for (let layer = 0; layer < tiny.layers; layer++) {
    for (let token = 0; token < 20; token++) write(before, layer, token, token);
    for (let token = 20; token < 50; token++) write(after, layer, token, -token);
  }
  expectMarks(after, 50, (_layer, token) => (token < 20 ? token : -token));
  // A room of 32 tokens is made for 30, none of it for the 20 that the other has.
  expect(after.at(1, 20) - after.at(0, 20)).toBe(32 * width);
  expect(after.at(0, 7)).toBe(before.at(0, 7));
});

test('a copy of some tokens is its own', () => {
  const { heap, write, expectMarks } = setUp();
  const log = new QueryLog(tiny, heap);
  log.reserve(10);
  for (let layer = 0; layer < tiny.layers; layer++)
    for (let token = 0; token < 10; token++) write(log, layer, token, token);
  const shared = new QueryLog(tiny, heap, log, 6);
  shared.copy(log, 6, 10);
  for (let layer = 0; layer < tiny.layers; layer++) write(log, layer, 8, 99);
  expectMarks(shared, 10, (_layer, token) => token);
});

test('gives its memory back, once', () => {
  const { heap } = setUp();
  const make = () => {
    const log = new QueryLog(tiny, heap);
    log.reserve(33);
    const at = log.at(0, 0);
    log.release();
    log.release();
    return at;
  };
  expect(new Set([make(), make(), make()]).size).toBe(1);
  const [one, other] = [new QueryLog(tiny, heap), new QueryLog(tiny, heap)];
  one.reserve(33);
  other.reserve(33);
  expect(other.at(0, 0)).not.toBe(one.at(0, 0));
});
