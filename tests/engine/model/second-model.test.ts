import { describe, expect, test } from 'vitest';
import { KVCache } from '../../../src/engine/cache/kv-cache.ts';
import { readConfig } from '../../../src/engine/model/config.ts';
import { Model, type Recorder } from '../../../src/engine/model/model.ts';
import { QueryLog } from '../../../src/engine/model/query-log.ts';
import { integer, seeded } from '../../../src/engine/random.ts';
import { file as harbour, implementations, largestDifference, type Implementation } from '../harbour.ts';
import { naive, randomModel, type Shape, type Sight } from './random-model.ts';

/** Nothing is as in the shipped model: groups of three, heads that are not the hidden size in all, no width that is a power of two. */
const second: Shape = {
  hidden: 40,
  layers: 3,
  heads: 6,
  kvHeads: 2,
  headDim: 8,
  inner: 100,
  vocabulary: 37,
  ropeTheta: 5000,
  eps: 1e-3,
};

/** A KV head for each query head, and rows of twelve numbers. */
const third: Shape = { ...second, hidden: 48, layers: 1, heads: 3, kvHeads: 3, headDim: 12, inner: 64, ropeTheta: 100 };

/** One query head of one layer, so that long texts are quick. */
const long: Shape = {
  ...second,
  hidden: 16,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  inner: 32,
  vocabulary: 20,
  ropeTheta: 1e4,
};

const textOf = (count: number, { vocabulary }: Pick<Shape, 'vocabulary'>, seed = 1) => {
  const random = seeded(seed);
  return Array.from({ length: count }, () => integer(random, 0, vocabulary - 1));
};

function read(model: Model, cache: KVCache, tokens: readonly number[]): Float32Array {
  cache.append(tokens.length);
  return model.forward([{ cache, tokens }])[0]!;
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

// Logits are of about unit size, and single precision has seven digits of them.
const near = 2e-4;

describe.each(Object.keys(implementations) as Implementation[])('%s', (name) => {
  const kernels = implementations[name]();
  // All on one heap, as they would stand on one page.
  const first = new Model(harbour, kernels);
  const files = { second: randomModel('second', second, 1), third: randomModel('third', third, 2) };
  const model = new Model(files.second, kernels);
  const other = new Model(files.third, kernels);

  test('its files say what it is', () => {
    expect(model.config).toEqual({ id: 'second', ...second, bos: 1, stop: 2 });
    expect(model.config).toEqual(readConfig('second', files.second.config));
    expect([model.vocabulary.words.length, model.vocabulary.unknown, model.vocabulary.id('w33')]).toEqual([37, 0, 36]);
    expect([first, model, other].map(({ store }) => store.heads)).toEqual([16, 6, 3]);
  });

  test.each([
    ['second', second],
    ['third', third],
  ] as const)('the %s agrees with the forward pass written out, at every token', (which, shape) => {
    const tokens = textOf(80, shape);
    const expected = naive(files[which], shape, tokens);
    const one = which === 'second' ? model : other;
    const cache = new KVCache(one.store);
    const off = tokens.map((token, i) => largestDifference(read(one, cache, [token]), expected.logits[i]!));
    expect(Math.max(...off)).toBeLessThan(near);
    // All at once, in two passes, is the same to the last bit.
    const whole = new KVCache(one.store);
    expect([...read(one, whole, tokens)]).toEqual([...read(one, (cache.clear(), cache), tokens)]);
    expect(
      largestDifference(read(one, whole, [3]), naive(files[which], shape, [...tokens, 3]).logits.at(-1)!),
    ).toBeLessThan(near);
    cache.release();
    whole.release();
  });

  test('models that take turns do not see each other', () => {
    const models = [first, model, other];
    const texts = models.map(({ config }, i) => textOf(70, config, i));
    const alone = models.map((each, i) => {
      const cache = new KVCache(each.store);
      const logits = texts[i]!.map((token) => read(each, cache, [token]));
      cache.release();
      return logits;
    });
    const caches = models.map(({ store }) => new KVCache(store));
    for (let at = 0; at < 70; at++) {
      models.forEach((each, i) => {
        expect([...read(each, caches[i]!, [texts[i]![at]!])]).toEqual([...alone[i]![at]!]);
      });
    }
    for (const cache of caches) cache.release();
    for (const { store } of models) expect(store.pool.free).toBe(store.pool.size);
  });

  describe('what a lane does to its cache is what attention sees', () => {
    const tokens = textOf(60, second, 5);
    const [at, more] = [48, 12];
    /** Entries that each head keeps of the first 48 tokens: other ones, and other numbers of them. */
    const kept = upTo(second.layers * second.kvHeads).map((head) =>
      upTo(at).filter((token) => (token * 7 + head * 5) % (head + 2) === 0),
    );
    const keptOf = (layer: number, kvHead: number) => kept[layer * second.kvHeads + kvHead]!;

    function cut(): KVCache {
      const cache = new KVCache(model.store);
      read(model, cache, tokens.slice(0, at));
      for (let layer = 0; layer < second.layers; layer++) {
        cache.retain(
          layer,
          upTo(second.kvHeads).map((kvHead) => Int32Array.from(keptOf(layer, kvHead))),
        );
      }
      return cache;
    }

    const sees: Sight['sees'] = (layer, kvHead, i, j) => i < at || j >= at || keptOf(layer, kvHead).includes(j);

    function expectSeen(cache: KVCache, sight: Sight): void {
      const expected = naive(files.second, second, tokens, sight);
      const rest = tokens.slice(at);
      const off = rest.map((token, i) => largestDifference(read(model, cache, [token]), expected.logits[at + i]!));
      expect(rest).toHaveLength(more);
      expect(Math.max(...off)).toBeLessThan(near);
      // The cut itself is felt: otherwise nothing would have been shown.
      const whole = naive(files.second, second, tokens);
      expect(largestDifference(whole.logits.at(-1)!, expected.logits.at(-1)!)).toBeGreaterThan(0.1);
      cache.release();
    }

    test('dropped tokens are not seen any more, each head by itself', () => {
      expectSeen(cut(), { sees });
    });

    test('compacted entries are the same entries', () => {
      const cache = cut();
      for (let layer = 0; layer < second.layers; layer++) {
        cache.copy(
          layer,
          upTo(second.kvHeads).map((kvHead) => Int32Array.from(upTo(keptOf(layer, kvHead).length))),
        );
      }
      cache.rewind();
      cache.reclaim();
      expectSeen(cache, { sees });
    });

    test('after a turn, keys stand side by side, and queries follow on', () => {
      const cache = cut();
      for (let layer = 0; layer < second.layers; layer++) cache.rotate(layer);
      const position: Sight['position'] = (layer, kvHead, i, j) => {
        if (i < at) return j;
        const stays = keptOf(layer, kvHead);
        return j < at ? stays.indexOf(j) : stays.length + j - at;
      };
      expectSeen(cache, { sees, position });
    });

    test('and so they are when several tokens come at once', () => {
      const [one, many] = [cut(), cut()];
      const single = tokens.slice(at).map((token) => read(model, one, [token]));
      expect([...read(model, many, tokens.slice(at))]).toEqual([...single.at(-1)!]);
      one.release();
      many.release();
    });

    test('a retriever says what each head reads, and a recorder sees where it looked', () => {
      // So long that the probabilities of a group, for two of three tokens, are more than the first table has room for in one line.
      const text = textOf(200, second, 7);
      const cache = new KVCache(model.store);
      read(model, cache, text.slice(0, -1));
      const some = (layer: number, kvHead: number, i: number, j: number) => (j + layer + kvHead) % 3 !== 0 || j === i;
      const lines = new Map<string, { probs: Float32Array; entries: Int32Array | undefined }>();
      const recorder: Recorder = {
        record: (layer, kvHead, probs, _count, entries) =>
          lines.set(`${layer} ${kvHead}`, { probs: probs.slice(), entries: entries?.slice() }),
      };
      const last = text.length - 1;
      cache.append();
      const [logits] = model.forward([
        {
          cache,
          tokens: text.slice(-1),
          recorder,
          retriever: {
            attend: (layer, kvHead, query, _cache, count) => {
              expect([query.length, count]).toEqual([3 * 8, text.length]);
              // The middle layer reads everything.
              if (layer === 1) return undefined;
              return Int32Array.from(upTo(count).filter((j) => some(layer, kvHead, count - 1, j)));
            },
          },
        },
      ]);
      const sight = {
        sees: (layer: number, kvHead: number, i: number, j: number) =>
          i < last || layer === 1 || some(layer, kvHead, i, j),
      };
      const expected = naive(files.second, second, text, sight);
      expect(largestDifference(logits!, expected.logits.at(-1)!)).toBeLessThan(near);
      for (let layer = 0; layer < second.layers; layer++) {
        for (let kvHead = 0; kvHead < second.kvHeads; kvHead++) {
          const { probs, entries } = lines.get(`${layer} ${kvHead}`)!;
          expect(entries === undefined).toBe(layer === 1);
          const looked = entries ?? Int32Array.from(upTo(text.length));
          for (let g = 0; g < 3; g++) {
            const line = new Float64Array(text.length);
            looked.forEach((j, i) => (line[j] = probs[g * looked.length + i]!));
            expect(largestDifference(line, expected.attention[layer]![kvHead * 3 + g]!)).toBeLessThan(1e-5);
          }
        }
      }
      cache.release();
    });
  });

  test('queries that were kept look again as they looked before, to the last bit', () => {
    const tokens = textOf(75, second, 9);
    const cache = new KVCache(model.store);
    const queries = new QueryLog(model.config, kernels.heap);
    cache.append(75);
    queries.reserve(75);
    const lines: Float32Array[] = [];
    const recorder: Recorder = { record: (_layer, _kvHead, probs) => void lines.push(probs.slice()) };
    model.forward([{ cache, tokens, queries, recorder }]);
    // A log that goes on from another one finds what that one has, and one that copied it has its own.
    const later = new QueryLog(model.config, kernels.heap, queries, 75);
    const copied = new QueryLog(model.config, kernels.heap);
    copied.copy(later, 0, 75);
    for (const log of [queries, later, copied]) {
      const again = upTo(second.layers * second.kvHeads).map((head) => {
        const layer = Math.floor(head / second.kvHeads);
        const query = log.at(layer, 74) + (head % second.kvHeads) * 3 * 8;
        return kernels.heap.floats(model.look(cache, head, query, 75), 3 * 75).slice();
      });
      expect(again).toEqual(lines);
    }
    expect(queries.at(1, 74)).not.toBe(copied.at(1, 74));
    for (const each of [cache, queries, copied]) each.release();
  });
});

describe('a text of 4,096 tokens', () => {
  const file = randomModel('long', long, 3);
  const tokens = textOf(4096, long);

  test('is read, at once and in parts, and agrees with the forward pass written out', () => {
    const model = new Model(file, implementations.simd());
    const [whole, parts] = [new KVCache(model.store), new KVCache(model.store)];
    const logits = read(model, whole, tokens);
    expect([whole.length, whole.blocks.length, whole.count(0)]).toEqual([4096, 256, 4096]);
    for (const [from, to] of [
      [0, 1000],
      [1000, 1001],
      [1001, 4095],
    ] as const)
      read(model, parts, tokens.slice(from, to));
    expect([...read(model, parts, tokens.slice(4095))]).toEqual([...logits]);
    const [expected] = naive(file, long, tokens, {}, 4095).logits;
    expect(largestDifference(logits, expected!)).toBeLessThan(near);
    // What was read 4,000 tokens ago is still looked at: without the first half the answer is another one.
    const near2048 = naive(file, long, tokens, { sees: (_layer, _kvHead, _i, j) => j >= 2048 }, 4095).logits[0]!;
    expect(largestDifference(near2048, expected!)).toBeGreaterThan(10 * near);
  });

  // 16 heads, keys and values of 32 floats of 4 bytes: 4 KiB a token, so 16 MiB in all, and half a MiB for 128 tokens. The weights take 4.
  test('takes its memory when it comes, and not before', () => {
    const kernels = implementations.simd();
    const model = new Model(harbour, kernels);
    const mebibytes = () => kernels.heap.bytes / 2 ** 20;
    const short = new KVCache(model.store);
    read(model, short, textOf(128, model.config));
    const before = mebibytes();
    const cache = new KVCache(model.store);
    cache.append(4096);
    model.forward([{ cache, tokens: [5] }]);
    const after = mebibytes();
    expect(before).toBeLessThan(8);
    expect(after - before).toBeGreaterThan(14);
    expect(after - before).toBeLessThan(18);
    // What is given back is used again: another one as long takes no more.
    cache.release();
    const again = new KVCache(model.store);
    again.append(4096);
    model.forward([{ cache: again, tokens: [5] }]);
    expect(mebibytes()).toBe(after);
  });
});
