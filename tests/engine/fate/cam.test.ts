import { describe, expect, test } from 'vitest';
import { cam } from '../../../src/engine/fate/cam.ts';
import { layerOf } from '../eviction/layers.ts';
import { cacheOf, keysOf, valuesOf, type Held } from './caches.ts';

const of = (...entries: number[]) => Int32Array.from(entries);

const head: Held = {
  keys: [1, 2, 3, 4, 5].map((x) => [x, 0, 0, 0]),
  values: [
    [8, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 6, 0],
    [0, 0, 0, 1],
    [2, 2, 2, 2],
  ],
};
/** What the newest token pays to each. */
const paying = (...shares: number[]) =>
  layerOf({
    keys: [head.keys],
    attentions: [[...shares.keys()].map((i) => (i === shares.length - 1 ? shares : shares.map(() => 0)))],
  });

const after = (view: ReturnType<typeof layerOf>, kept: Int32Array, neighbours = 2) => {
  const { cache, events } = cacheOf([head]);
  cam.make({ neighbours, window: 1, seed: 0 }).before!(cache, 0, [kept], view);
  return { cache, pairs: events.flatMap((event) => (event.type === 'merge' ? [...event.pairs[0]!] : [])) };
};

describe('entries 1, 3 and 4 stay', () => {
  const kept = of(1, 3, 4);

  // 0 got 0.4, more than the mean 0.15 of 1 and 3: p = 1. 2 got nothing.
  test('a value that drew much is shared among the next that stay, and sums grow', () => {
    const { cache, pairs } = after(paying(0.4, 0.2, 0, 0.1, 0.3), kept);
    expect(pairs).toEqual([0, 1, 0, 3]);
    expect(valuesOf(cache)).toEqual([head.values[0], [4, 1, 0, 0], head.values[2], [4, 0, 0, 1], head.values[4]]);
    expect(keysOf(cache)).toEqual(head.keys);
  });

  // 2 got 0.5, and behind it stay 3 and 4, or only these when three are asked for.
  test('only those behind it, as many as there are', () => {
    for (const neighbours of [2, 3]) {
      const { cache, pairs } = after(paying(0, 0.2, 0.5, 0.1, 0.2), kept, neighbours);
      expect(pairs).toEqual([2, 3, 2, 4]);
      expect(valuesOf(cache)[4]).toEqual([2, 2, 5, 2]);
    }
    expect(after(paying(0, 0.2, 0.5, 0.1, 0.2), kept, 1).pairs).toEqual([2, 3]);
  });

  test('nobody looked, or nobody stays behind it: it goes', () => {
    expect(after(paying(0, 0.5, 0, 0.25, 0.25), kept).pairs).toEqual([]);
    expect(after(paying(0, 0, 0, 0, 1), of(0, 1)).pairs).toEqual([]);
  });

  // Neighbours to whom nobody looked: the ratio is infinite, and p is 1.
  test('neighbours without attention', () => {
    expect(after(paying(0, 0, 1, 0, 0), kept).pairs).toEqual([2, 3, 2, 4]);
  });
});

// p = 0.1 / 0.4: of 400 layers with one victim each about 100 merge it; four standard deviations are 35.
test('with less attention than its neighbours got, it is a matter of chance', () => {
  const view = layerOf({ keys: [head.keys], attentions: [[1, 2, 3, 4, 5].map(() => [0.1, 0.4, 0.4, 0.05, 0.05])] });
  let merged = 0;
  for (let seed = 0; seed < 400; seed++) {
    const { cache, events } = cacheOf([head]);
    cam.make({ neighbours: 2, window: 1, seed }).before!(cache, 0, [of(1, 2, 3, 4)], view);
    merged += events.filter(({ type }) => type === 'merge').length;
  }
  expect(merged).toBeGreaterThan(65);
  expect(merged).toBeLessThan(135);
});
