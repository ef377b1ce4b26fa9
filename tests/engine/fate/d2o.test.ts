import { describe, expect, test } from 'vitest';
import { d2o } from '../../../src/engine/fate/d2o.ts';
import { cacheOf, keysOf, unseen, valuesOf, type Held } from './caches.ts';

const of = (...entries: number[]) => Int32Array.from(entries);

// Entries 0 and 1 stay. Of those that leave, 2 has the key of 0, and 3 and 4 are like 1 by 0.8 and 0.6.
const head: Held = {
  keys: [
    [2, 0, 0, 0],
    [0, 1, 0, 0],
    [5, 0, 0, 0],
    [0, 4, 3, 0],
    [0, 3, 0, 4],
  ],
  values: [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 3, 0],
    [0, 0, 0, 5],
    [7, 7, 7, 7],
  ],
};

const close = (rows: readonly (readonly number[])[], expected: readonly (readonly number[])[]) =>
  expected.forEach((row, i) => row.forEach((x, c) => expect(rows[i]![c]).toBeCloseTo(x, 5)));

describe('two of five stay', () => {
  // The mean of 1, 0.8 and 0.6 is 0.8: 2 is merged into 0, and 3 into 1; 4 goes. (k0 + 1 k2) / 2, (k1 + 0.8 k3) / 2, and values likewise.
  test('what is like enough is merged, key and value; the rest goes', () => {
    const { cache, events } = cacheOf([head]);
    d2o.make({ alpha: 0.5 }).before!(cache, 0, [of(0, 1)], unseen);
    close(keysOf(cache), [
      [3.5, 0, 0, 0],
      [0, (1 + 3.2) / 2, 1.2, 0],
    ]);
    close(valuesOf(cache), [
      [0.5, 0, 1.5, 0],
      [0, 0.5, 0, 2],
    ]);
    expect(events.filter(({ type }) => type === 'merge')).toEqual([
      { type: 'merge', layer: 0, pairs: [Uint32Array.of(2, 0, 3, 1)] },
    ]);
  });

  test('nothing leaves, or nothing stays: nothing happens', () => {
    for (const kept of [of(0, 1, 2, 3, 4), of()]) {
      const { cache, events } = cacheOf([head]);
      d2o.make({ alpha: 0.5 }).before!(cache, 0, [kept], unseen);
      expect(events.map(({ type }) => type)).not.toContain('merge');
    }
  });
});

// The one that left first had the key of the one that stayed: a mean of 1.
test('the threshold follows what was seen before, for each layer and lane on its own', () => {
  const { cache } = cacheOf([
    {
      keys: [
        [1, 0, 0, 0],
        [3, 0, 0, 0],
      ],
      values: [
        [1, 0, 0, 0],
        [1, 0, 0, 0],
      ],
    },
  ]);
  const first = d2o.make({ alpha: 0.25 });
  first.before!(cache, 0, [of(0)], unseen);
  const second = () =>
    cacheOf([
      {
        keys: [
          [1, 0, 0, 0],
          [4.1, 2.5, 0, 0],
          [3, 0.4, 0, 0],
        ],
        values: [
          [1, 0, 0, 0],
          [0, 0, 0, 1],
          [0, 0, 1, 0],
        ],
      },
    ]);
  const mergedBy = (fate: typeof first) => {
    const { cache, events } = second();
    fate.before!(cache, 0, [of(0)], unseen);
    return events.flatMap((event) => (event.type === 'merge' ? [...event.pairs[0]!] : []));
  };
  // cos = 4.1 / sqrt(4.1^2 + 2.5^2) = 0.8538 and 3 / sqrt(9.16) = 0.9912, 0.9225 on average: 0.25 * 1 + 0.75 * 0.9225 = 0.9419.
  const fork = first.fork!();
  expect(mergedBy(first)).toEqual([2, 0]);
  expect(mergedBy(fork)).toEqual([2, 0]);
  // Nothing was seen before in a layer that never dropped: a mean of 0.9225 alone.
  expect(mergedBy(d2o.make({ alpha: 1 }))).toEqual([2, 0]);
  // All from before: 1, which neither reaches.
  const strict = d2o.make({ alpha: 1 });
  strict.before!(
    cacheOf([
      {
        keys: [
          [1, 0, 0, 0],
          [2, 0, 0, 0],
        ],
        values: [
          [1, 0, 0, 0],
          [1, 0, 0, 0],
        ],
      },
    ]).cache,
    0,
    [of(0)],
    unseen,
  );
  expect(mergedBy(strict)).toEqual([]);
});
