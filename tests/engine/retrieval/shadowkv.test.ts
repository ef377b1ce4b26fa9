import { describe, expect, test } from 'vitest';
import { cacheBytes } from '../../../src/engine/measure/bytes.ts';
import { shadowkv } from '../../../src/engine/retrieval/shadowkv.ts';
import type { Sight } from '../../../src/engine/retrieval/types.ts';
import { cacheOf, keysOf, valuesOf, type Rows } from '../fate/caches.ts';

const at = { layer: 0, layers: 1, kvHead: 0, headDim: 4 };

/** A head of ten tokens in five chunks of two. @param keys as they are cached */
function started(keys: Rows, room: number, settings = { rank: 4, chunk: 2, outliers: 0 }) {
  const { cache, events } = cacheOf([{ keys, values: keys.map((row) => row.map((x) => -x)) }]);
  const one = shadowkv.make(settings);
  one.arrange!(cache, { room, prompt: keys.length } as unknown as Sight);
  const near = () => [...(cache.near(0) ?? cache.tokens(0))];
  const ask = (...query: number[]) => {
    expect(one.attend!(0, 0, Float32Array.from(query), cache, cache.length)).toBeUndefined();
    return near();
  };
  return { cache, events, one, near, ask };
}

const unit = (channel: number) => [0, 1, 2, 3].map((c) => Number(c === channel));
const plain: Rows = [0, 0, 1, 1, 2, 2, 3, 3, 0, 0].map(unit);

describe('with all directions', () => {
  test('the newest chunk stays, and those come whose mean key fits the query', () => {
    const { near, ask } = started(plain, 6);
    expect(near()).toEqual([8, 9]);
    expect(ask(0, 3, 2, 0)).toEqual([2, 3, 4, 5, 8, 9]);
    expect(ask(0, 0, 2, 3)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  // Two queries share the head. One is sure of channel 1, the other torn between 2 and 3: the largest probabilities are those of 1, and then 2.
  test('a chunk counts as what it is to the query that wants it most', () => {
    const { ask } = started(plain, 6);
    expect(ask(0, 9, 0, 0, 0, 0, 3.1, 3)).toEqual([2, 3, 4, 5, 8, 9]);
  });

  // What goes in is a value of four numbers, 8 bytes; keys are counted where they are near, and do not travel.
  test('values travel, and nothing else', () => {
    const { cache, one, ask } = started(plain, 6);
    expect(cache.moved).toEqual({ in: 0, out: 8 * 8 });
    ask(0, 3, 2, 0);
    expect(cache.moved).toEqual({ in: 4 * 8, out: 8 * 8 });
    ask(0, 0, 2, 3);
    expect(cache.moved).toEqual({ in: 6 * 8, out: 10 * 8 });
    // Near: the newest two whole, four values; with the host four values.
    expect(cacheBytes(cache)).toMatchObject({ live: 2 * 16 + 4 * 8, host: 4 * 8 });
    // Four numbers of ten tokens, four directions, five landmarks.
    expect(one.bytes(12, at)).toBe(2 * (4 * 10 + 4 * 4 + 5 * 4));
  });

  test('keys come back as they were, to the precision of 16 bits, and values to the last bit', () => {
    const { cache } = started(plain, 6);
    keysOf(cache).forEach((row, i) => row.forEach((x, c) => expect(x).toBeCloseTo(plain[i]![c]!, 2)));
    expect(valuesOf(cache)).toEqual(plain.map((row) => row.map((x) => -x)));
  });
});

// The keys of tokens 2 and 3 are at right angles: a cosine of 0.707 with their mean, where the other chunks have 1.
test('the chunk whose keys disagree is an outlier: it stays near, whole', () => {
  const keys = plain.with(3, unit(0));
  const { cache, near } = started(keys, 6, { rank: 1, chunk: 2, outliers: 1 });
  expect(near()).toEqual([2, 3, 8, 9]);
  for (const entry of [2, 3, 8, 9]) expect(keysOf(cache)[entry]).toEqual(keys[entry]);
  expect(keysOf(cache)[4]).not.toEqual(keys[4]);
});

// Keys before RoPE that are all along one direction, of different lengths, are one number each: position p turns (x, 0, 0, 0) by p in the first pair.
test('what lies along one direction before RoPE is kept by one number', () => {
  const turned = (x: number, p: number) => [x * Math.cos(p), 0, x * Math.sin(p), 0];
  const keys = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1].map(turned);
  const { cache } = started(keys, 4, { rank: 1, chunk: 2, outliers: 0 });
  keysOf(cache).forEach((row, i) => row.forEach((x, c) => expect(x).toBeCloseTo(keys[i]![c]!, 2)));
});

test('without room for directions and landmarks the newest tokens are near, as they were', () => {
  const { cache, one, events } = started(plain, 0, { rank: 1, chunk: 2, outliers: 0 });
  one.arrange!(cache, { room: 3, prompt: 10 } as unknown as Sight);
  one.attend!(0, 0, Float32Array.from(unit(1)), cache, 10);
  expect([...cache.near(0)!]).toEqual([7, 8, 9]);
  expect(one.bytes(10, at)).toBe(0);
  expect(keysOf(cache)).toEqual(plain);
  expect(events.some(({ type }) => type === 'encode')).toBe(false);
});

test('a copy goes on with the same landmarks', () => {
  const { one, cache, near } = started(plain, 4);
  one.fork().attend!(0, 0, Float32Array.from(unit(2)), cache, 10);
  expect(near()).toEqual([4, 5, 8, 9]);
});
