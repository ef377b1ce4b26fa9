/** Small stores whose rows can be told apart, and what must be true of every cache in one. */
import { expect } from 'vitest';
import { KVCache } from '../../../src/engine/cache/kv-cache.ts';
import { Store } from '../../../src/engine/cache/store.ts';
import type { Event } from '../../../src/engine/events.ts';
import { Heap } from '../../../src/engine/kernels/heap.ts';
import { plain } from '../../../src/engine/kernels/plain.ts';
import { cacheBytes } from '../../../src/engine/measure/bytes.ts';
import type { Config } from '../../../src/engine/model/config.ts';
import { Rope } from '../../../src/engine/model/rope.ts';
import { blockSize } from '../../../src/engine/paging/pool.ts';
import { frameBytes, Timeline } from '../../../src/engine/timeline.ts';

/** Two layers of two KV heads: four heads, in rows of four numbers. */
export const tiny: Config = {
  id: 'tiny',
  hidden: 16,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 4,
  inner: 8,
  vocabulary: 8,
  ropeTheta: 100,
  eps: 1e-5,
  bos: 0,
  stop: 1,
};

export const storeOf = (config = tiny, heap = plain().heap): Store =>
  new Store(config, heap, new Rope(config.headDim, config.ropeTheta));

/** A heap with so many words left, which cannot grow. */
export function nearlyFull(words: number): Heap {
  let grown = false;
  const heap = new Heap((bytes) => {
    if (grown) throw new RangeError('Array buffer allocation failed');
    grown = true;
    return new ArrayBuffer(bytes);
  });
  heap.take(heap.f32.length - words);
  return heap;
}

/** Words that a slab of a tiny store takes: 16 blocks of 4 heads, 2 sides and 16 rows of 4 numbers. */
export const slabWords = 16 * 4 * 2 * 16 * 4;

/** A cache, and what it said it did. */
export interface Watched {
  readonly cache: KVCache;
  log: Event[];
}

export function watched(store: Store): Watched {
  const one: Watched = { cache: new KVCache(store, (event) => one.log.push(event)), log: [] };
  return one;
}

/** Adds a token whose rows hold `marker`, another number in every head and on either side. */
export function write(cache: KVCache, marker: number): void {
  cache.append();
  for (let head = 0; head < cache.store.heads; head++) {
    const row = cache.row(head, cache.count(head) - 1);
    cache.store.key(row).fill(marker + head / 10);
    cache.store.value(row).fill(-marker - head / 10);
  }
}

/** Markers of what a head holds, in order: read through its rows, from both sides, which must agree. */
export const markers = (cache: KVCache, head: number): number[] =>
  Array.from({ length: cache.count(head) }, (_, entry) => {
    const row = cache.row(head, entry);
    const [key, value] = [cache.store.key(row), cache.store.value(row)];
    for (let c = 0; c < key.length; c++) {
      if (key[c] !== key[0] || value[c] !== -key[0]!) throw new Error(`Row ${row} holds parts of two tokens.`);
    }
    return Math.round((key[0]! - head / 10) * 100) / 100;
  });

/** Millions of expectations would take minutes: only a difference is handed to one, to be shown. */
export function expectSame(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  let same = actual.length === expected.length;
  for (let i = 0; same && i < actual.length; i++) same = actual[i] === expected[i];
  if (!same) expect(Array.from(actual)).toEqual(Array.from(expected));
}

/** Every head keeps the same entries of a layer. */
export const same = (...entries: number[]): Int32Array[] => [Int32Array.from(entries), Int32Array.from(entries)];

/** The indices that a cache's table holds blocks at. */
export const held = ({ blocks }: KVCache) => [...blocks.keys()].filter((index) => blocks[index]! >= 0);

/**
 * Blocks are referred to by exactly the tables that list them, each in its own place in memory; columns are in order and lie in listed blocks; and no two
 * caches reach the same row but through a block that both hold.
 */
export function expectSound(store: Store, caches: readonly KVCache[]): void {
  const owners = new Int32Array(store.pool.size);
  for (const { blocks, hostBlocks } of caches) {
    for (const block of [...blocks, ...hostBlocks]) if (block >= 0) owners[block]!++;
  }
  expectSame(
    Array.from(owners, (_, block) => store.pool.references(block)),
    owners,
  );
  expect(store.pool.free).toBe(owners.filter((count) => count === 0).length);
  const readers = new Map<number, { readonly block: number; readonly caches: Set<KVCache> }>();
  for (const cache of caches) {
    const blocks = cache.blocks.filter((block) => block >= 0);
    expect(new Set(blocks).size).toBe(blocks.length);
    const { capacity } = cache.columns;
    for (let head = 0; head < store.heads; head++) {
      const [count, tokens, slots, positions] = [
        cache.count(head),
        cache.tokens(head),
        cache.slots(head),
        cache.positions(head),
      ];
      expect(count).toBeLessThanOrEqual(capacity);
      expect([tokens.length, slots.length, positions.length]).toEqual([count, count, count]);
      const near = cache.near(head) ?? Int32Array.from({ length: count }, (_, entry) => entry);
      expect(new Set(near.map((entry) => slots[entry]!)).size).toBe(near.length);
      for (let entry = 0; entry < count; entry++) {
        const [token, slot] = [tokens[entry]!, slots[entry]!];
        const row = cache.row(head, entry);
        if (cache.columns.host[head * capacity + entry]) {
          // With the host a token's slot is its number, and nobody but the lanes that carried it there reads its row.
          if (slot !== token) throw new Error(`Token ${token} lies in slot ${slot} of the host.`);
          continue;
        }
        const block = cache.blocks[Math.floor(slot / blockSize)] ?? -1;
        const sound =
          token < cache.length &&
          token > (tokens[entry - 1] ?? -1) &&
          positions[entry]! > (positions[entry - 1] ?? -1) &&
          block >= 0 &&
          row === store.row(block, head) + (slot % blockSize);
        if (!sound) throw new Error(`Entry ${entry} of head ${head} is out of order, or lies where nothing is held.`);
        const reader = readers.get(row) ?? { block, caches: new Set() };
        readers.set(row, reader);
        reader.caches.add(cache);
        if (reader.block !== block) throw new Error(`Row ${row} belongs to the blocks ${reader.block} and ${block}.`);
      }
    }
  }
  for (const { block, caches: some } of readers.values()) {
    if (some.size > store.pool.references(block)) throw new Error(`Block ${block} has more readers than holders.`);
  }
}

/** Each block's rows of each head are its own. */
export function expectApart(store: Store): void {
  const first: number[] = [];
  for (let block = 0; block < store.pool.size; block++) {
    for (let head = 0; head < store.heads; head++) first.push(store.row(block, head));
  }
  first.sort((a, b) => a - b);
  // 16 keys and 16 values.
  const close = first.filter((row, i) => i > 0 && row - first[i - 1]! < 2 * blockSize);
  expect(close).toEqual([]);
  expect(Math.max(...first) + 2 * blockSize).toBeLessThanOrEqual(store.heap.f32.length / store.config.headDim);
}

const tokensAtMost = 160;

/** Folding what a cache said gives what it is: the film and the cache tell the same. */
export function expectTold({ cache, log }: Watched): void {
  const { layers, kvHeads, headDim } = cache.store.config;
  const shape = { layers, kvHeads, headDim, tokens: tokensAtMost };
  const frame = new Timeline([...log, { type: 'tick', phase: 'read' }], shape).seek(Infinity);
  const { columns } = cache;
  const is = {
    read: cache.length,
    keyBits: new Uint8Array(frame.keyBits.length),
    valueBits: new Uint8Array(frame.valueBits.length),
    overhead: new Float64Array(frame.overhead.length),
    slot: new Int16Array(frame.slot.length).fill(-1),
    host: new Uint8Array(frame.host.length),
    beside: cache.beside,
    besideHost: cache.besideHost,
    blocks: Uint8Array.from(frame.blocks, (_, index) => Number((cache.blocks[index] ?? -1) >= 0)),
  };
  for (let head = 0; head < columns.heads; head++) {
    for (let entry = 0; entry < cache.count(head); entry++) {
      const at = head * columns.capacity + entry;
      const to = head * shape.tokens + columns.token[at]!;
      is.keyBits[to] = columns.keyBits[at]!;
      is.valueBits[to] = columns.valueBits[at]!;
      is.overhead[to] = columns.overhead[at]!;
      is.host[to] = columns.host[at]!;
      is.slot[to] = columns.host[at] ? -1 : columns.slot[at]!;
    }
  }
  expect(frame.read).toBe(is.read);
  for (const column of [
    'keyBits',
    'valueBits',
    'overhead',
    'slot',
    'host',
    'beside',
    'besideHost',
    'blocks',
  ] as const) {
    expectSame(frame[column], is[column]);
  }
  expect(cache.blocks.length).toBeLessThanOrEqual(frame.blocks.length);
  expect(frameBytes(frame, shape)).toEqual(cacheBytes(cache));
  expect(frame.moved).toEqual(cache.moved);
}
