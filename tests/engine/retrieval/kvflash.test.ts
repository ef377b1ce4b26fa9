import { describe, expect, test } from 'vitest';
import { kvflash } from '../../../src/engine/retrieval/kvflash.ts';
import type { Sight } from '../../../src/engine/retrieval/types.ts';
import { cacheOf } from '../fate/caches.ts';

const unit = (channel: number) => [0, 1, 2, 3].map((c) => Number(c === channel));
const zero = [0, 0, 0, 0];

/** One head of ten tokens, in chunks of two whose keys point along channel 0, 1, 2, 3 and 0: the prompt has all ten. */
const cacheWith = () =>
  cacheOf([
    {
      keys: [0, 0, 1, 1, 2, 2, 3, 3, 0, 0].map(unit),
      values: Array.from({ length: 10 }, () => zero),
    },
  ]).cache;

/** @param query of the newest token @param paid what the newest tokens look at in the early layer, and what comes */
const sight = (room: number, query: number[], paid: number[] = []): Sight => ({
  room,
  prompt: 10,
  query: () => Float32Array.from(query),
  look: () => Float32Array.from({ length: 10 }, (_, entry) => paid[entry] ?? 0),
  ahead: () => Float64Array.from({ length: 10 }, (_, token) => paid[token] ?? 0),
  learned: () => new Float32Array(),
});

function near(
  scorer: 'lru' | 'qk' | 'drafter' | 'oracle',
  room: number,
  query: number[] = zero,
  paid: number[] = [],
): number[] {
  const cache = cacheWith();
  kvflash.make({ chunk: 2, every: 1, window: 1, scorer }).arrange!(cache, sight(room, query, paid));
  return [...(cache.near(0) ?? cache.tokens(0))];
}

// Chunks (0 1) (2 3) (4 5) (6 7) (8 9). The first and that of the newest token stay: four of the room. Six have one more, eight two.
describe('ten tokens in chunks of two', () => {
  test('lru: the newest', () => {
    expect(near('lru', 4)).toEqual([0, 1, 8, 9]);
    expect(near('lru', 6)).toEqual([0, 1, 6, 7, 8, 9]);
    expect(near('lru', 9)).toEqual([0, 1, 4, 5, 6, 7, 8, 9]);
    expect(near('lru', 10)).toHaveLength(10);
  });

  // A query along channel 1 and a little of 2: cosines 0, 0.9, 0.4, 0, 0.
  test('qk: the nearest mean key', () => {
    expect(near('qk', 6, [0, 2, 1, 0])).toEqual([0, 1, 2, 3, 8, 9]);
    expect(near('qk', 8, [0, 2, 1, 0])).toEqual([0, 1, 2, 3, 4, 5, 8, 9]);
    expect(near('qk', 6, [0, 0, 0, 5])).toEqual([0, 1, 6, 7, 8, 9]);
  });

  // 0.1 to token 3, 0.3 to token 4.
  test('drafter and oracle: what is looked at', () => {
    const paid = [0.5, 0, 0, 0.1, 0.3, 0, 0, 0, 0.1];
    for (const scorer of ['drafter', 'oracle'] as const) {
      expect(near(scorer, 6, zero, paid)).toEqual([0, 1, 4, 5, 8, 9]);
      expect(near(scorer, 8, zero, paid)).toEqual([0, 1, 2, 3, 4, 5, 8, 9]);
    }
  });

  test('with room for less than what must stay, the first chunk goes first; with none, all are away', () => {
    expect([near('lru', 3), near('lru', 2), near('lru', 1)]).toEqual([[0, 1], [0, 1], []]);
  });
});

test('chunks come back when the query turns to them, and go when it turns away', () => {
  const cache = cacheWith();
  const one = kvflash.make({ chunk: 2, every: 1, window: 1, scorer: 'qk' });
  const asked = (channel: number) => {
    one.arrange!(cache, sight(6, unit(channel)));
    return [...cache.near(0)!];
  };
  expect(asked(1)).toEqual([0, 1, 2, 3, 8, 9]);
  expect(asked(3)).toEqual([0, 1, 6, 7, 8, 9]);
  expect(asked(3)).toEqual([0, 1, 6, 7, 8, 9]);
  // Two chunks of 16 bytes an entry went out more than came back: three out at first, then one each way.
  expect(cache.moved).toEqual({ in: 32, out: 96 });
});

test('mean keys are bytes of the host, and only where they are used', () => {
  const at = { layer: 0, layers: 1, kvHead: 0, headDim: 32 };
  const bytes = (scorer: 'lru' | 'qk') => {
    const one = kvflash.make({ chunk: 8, every: 1, window: 1, scorer });
    return [one.bytes(20, at), one.hostBytes!(20, at)];
  };
  expect([bytes('qk'), bytes('lru')]).toEqual([
    [0, 128],
    [0, 0],
  ]);
});
