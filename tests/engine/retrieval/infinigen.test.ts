import { describe, expect, test } from 'vitest';
import { KVCache } from '../../../src/engine/cache/kv-cache.ts';
import { infinigen } from '../../../src/engine/retrieval/infinigen.ts';
import type { Retriever, Sight } from '../../../src/engine/retrieval/types.ts';
import { cacheOf, type Rows } from '../fate/caches.ts';
import { largestDifference, modelOf } from '../harbour.ts';

/** Queries of the text lie along channel 0 and, half as long, along channel 1: the two directions of two channels are these. */
const asked = (_layer: number, token: number) => Float32Array.from(token % 2 ? [2, 0, 0, 0] : [0, 1, 0, 0]);

const sightOf = (room: number, prompt: number): Sight => ({ room, prompt, query: asked }) as unknown as Sight;

/** Keys with some length along channel 0, and more along channel 3, which no query asks for. */
const keysOf = (...along: number[]): Rows => along.map((x) => [x, 0, 0, 9 - x]);

const started = (heads: readonly Rows[], room: number, settings: { channels: number; alpha: number }) => {
  const { cache } = cacheOf(heads.map((keys) => ({ keys, values: keys })));
  const one = infinigen.make(settings);
  one.arrange!(cache, sightOf(room, heads[0]!.length));
  return { cache, one, near: () => heads.map((_, head) => [...(cache.near(head) ?? cache.tokens(head))]) };
};

describe('what is fetched', () => {
  // Heads of 4: scores are half of q . k. A query (2 0 0 0) scores 4, 1, 0, 3, 2 on keys of length 4, 1, 0, 3, 2.
  const keys = keysOf(4, 1, 0, 3, 2);
  const query = Float32Array.of(2, 0, 0, 0);

  test('the tokens whose guess is less than alpha below the best', () => {
    const { one, cache, near } = started([keys], 5, { channels: 2, alpha: 1.5 });
    expect(near()).toEqual([[]]);
    one.rehearse!(0, query, cache);
    expect(near()).toEqual([[0, 3]]);
    one.rehearse!(0, Float32Array.of(-2, 0, 0, 0), cache);
    expect(near()).toEqual([[1, 2]]);
  });

  test('no more than there is room for', () => {
    const { one, cache, near } = started([keys], 3, { channels: 2, alpha: 20 });
    one.rehearse!(0, query, cache);
    expect(near()).toEqual([[0, 3, 4]]);
  });

  // Channel 3 tells the tokens apart the other way round, and is none of the two directions.
  test('a slice does not see what lies in other channels', () => {
    const { one, cache, near } = started([keys], 5, { channels: 2, alpha: 1.5 });
    one.rehearse!(0, Float32Array.of(2, 0, 0, 100), cache);
    expect(near()).toEqual([[0, 3]]);
  });

  // The first head wants two tokens, the second five: 3.5, so that each fetches its best three.
  test('all heads of a layer fetch as many', () => {
    const { one, cache, near } = started([keys, keysOf(1, 1.1, 1.2, 1.3, 1.4)], 10, { channels: 2, alpha: 1.5 });
    one.rehearse!(0, Float32Array.of(2, 0, 0, 0, 2, 0, 0, 0), cache);
    expect(near()).toEqual([
      [0, 3, 4],
      [2, 3, 4],
    ]);
  });
});

test('without room for slices the newest tokens are near, and nothing is stored beside', () => {
  const { one, cache, near } = started([keysOf(4, 1, 0, 3, 2)], 0, { channels: 2, alpha: 5 });
  const at = { layer: 0, layers: 1, kvHead: 0, headDim: 4 };
  expect(one.bytes(5, at)).toBe(0);
  one.arrange!(cache, sightOf(2, 5));
  one.rehearse!(0, Float32Array.of(2, 0, 0, 0), cache);
  expect(near()).toEqual([[3, 4]]);
});

test('slices and directions are counted, for the prompt alone', () => {
  const { one } = started([keysOf(4, 1, 0, 3, 2)], 5, { channels: 2, alpha: 5 });
  // 2 numbers of each of five tokens, and 2 directions of 4 numbers, at 2 bytes.
  expect(one.bytes(9, { layer: 0, layers: 1, kvHead: 0, headDim: 4 })).toBe(2 * (2 * 5 + 2 * 4));
});

describe('the rehearsal', () => {
  const { model, caches } = modelOf('simd', 2);
  const { layers, heads, headDim } = model.config;
  const text = [2, 40, 41, 42, 43, 44];

  /** What a retriever is shown while the last of the tokens is read, and the queries that the model had then. */
  function shown(): { seen: Map<number, Float32Array>; own: Map<number, Float32Array> } {
    const [cache] = caches as [KVCache];
    cache.clear();
    const [seen, own] = [new Map<number, Float32Array>(), new Map<number, Float32Array>()];
    const retriever: Pick<Retriever, 'rehearse' | 'attend'> = {
      rehearse: (layer, queries) => void seen.set(layer, queries),
      attend: (layer, kvHead, query) => {
        const all = own.get(layer) ?? new Float32Array(heads * headDim);
        all.set(query, kvHead * query.length);
        own.set(layer, all);
        return undefined;
      },
    };
    for (const token of text) {
      cache.append();
      model.forward([{ cache, tokens: [token], retriever }]);
    }
    return { seen, own };
  }

  const { seen, own } = shown();
  const cosine = (a: Float32Array, b: Float32Array) => {
    const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, one, c) => sum + one * y[c]!, 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };

  test('the first two layers see their own queries, to the last bit', () => {
    expect([...seen.keys()].sort()).toEqual(Array.from({ length: layers }, (_, layer) => layer));
    for (const layer of [0, 1]) expect(largestDifference(seen.get(layer)!, own.get(layer)!)).toBe(0);
  });

  test('a later layer sees a guess: other queries, that point the same way more than not', () => {
    for (let layer = 2; layer < layers; layer++) {
      expect(largestDifference(seen.get(layer)!, own.get(layer)!)).toBeGreaterThan(0.01);
      expect(cosine(seen.get(layer)!, own.get(layer)!)).toBeGreaterThan(0.2);
    }
  });

  test('what is read without a rehearsal is the same, to the last bit', () => {
    const [one, other] = caches as [KVCache, KVCache];
    one.clear();
    const read = (cache: KVCache, retriever?: Pick<Retriever, 'rehearse'>) => {
      cache.append(text.length);
      return model.forward([{ cache, tokens: text, retriever }])[0]!;
    };
    expect(largestDifference(read(one), read(other, { rehearse: () => {} }))).toBe(0);
  });
});
