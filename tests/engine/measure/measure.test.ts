import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KVCache } from '../../../src/engine/cache/kv-cache.ts';
import { Store } from '../../../src/engine/cache/store.ts';
import type { Step } from '../../../src/engine/live.ts';
import { attentionKept } from '../../../src/engine/measure/attention-kept.ts';
import { cacheBytes, tallyBytes } from '../../../src/engine/measure/bytes.ts';
import { argmax, divergence, logSoftmax, top } from '../../../src/engine/measure/divergence.ts';
import { readingWork, withCache, withoutCache } from '../../../src/engine/measure/work.ts';
import { Rope } from '../../../src/engine/model/rope.ts';
import { every, range } from '../facts.ts';
import { compare, config, engineOf, shortPrompt } from '../harbour.ts';

const logs = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);
const logits = fc.float32Array({ minLength: 5, maxLength: 5, min: -30, max: 30, noNaN: true });

describe('divergence', () => {
  // 1/2 ln(1/2 : 1/4) + 1/2 ln(1/2 : 3/4) = 1/2 ln 2 + 1/2 ln 2/3, and the other way 1/4 ln 1/2 + 3/4 ln 3/2.
  test('by hand, in nats, and not the same both ways', () => {
    expect(divergence(logSoftmax(logs(0.5, 0.5)), logs(0.25, 0.75))).toBeCloseTo(
      0.5 * Math.log(2) + 0.5 * Math.log(2 / 3),
      6,
    );
    expect(divergence(logSoftmax(logs(0.25, 0.75)), logs(0.5, 0.5))).toBeCloseTo(
      0.25 * Math.log(0.5) + 0.75 * Math.log(1.5),
      6,
    );
  });

  test('is 0 for the same logits, never negative, and does not see a shift of all of them', () => {
    fc.assert(
      fc.property(logits, logits, (a, b) => {
        expect(divergence(logSoftmax(a), a)).toBe(0);
        expect(divergence(logSoftmax(a), b)).toBeGreaterThanOrEqual(0);
        expect(
          divergence(
            logSoftmax(a),
            b.map((x) => x + 3),
          ),
        ).toBeCloseTo(divergence(logSoftmax(a), b), 3);
      }),
    );
  });

  test('log-probabilities add up to 1, also of large logits', () => {
    expect([...logSoftmax(Float32Array.of(1000, 1000))]).toEqual([
      expect.closeTo(Math.log(0.5), 12),
      expect.closeTo(Math.log(0.5), 12),
    ]);
    fc.assert(
      fc.property(logits, (a) => {
        expect(logSoftmax(a).reduce((total, log) => total + Math.exp(log), 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  test('the most probable tokens, of equals the lower id', () => {
    expect(argmax(Float32Array.of(1, 3, 3, 2))).toBe(1);
    expect(argmax(Float32Array.of(-5, -Infinity))).toBe(0);
    expect(top(logs(0.1, 0.4, 0.1, 0.4), 3)).toEqual([
      { id: 1, probability: expect.closeTo(0.4, 6) },
      { id: 3, probability: expect.closeTo(0.4, 6) },
      { id: 0, probability: expect.closeTo(0.1, 6) },
    ]);
  });
});

describe('attention kept', () => {
  const stop = 9;
  const kept = (...layers: number[][][]) => layers.map((heads) => heads.map((tokens) => Int32Array.from(tokens)));
  /** A word of an answer, with what each head paid to <bos>, two tokens of the prompt, and one that came later. */
  const step = (token: number, ...heads: number[][]): Step =>
    ({ token, looked: { looks: Float32Array.from(heads.flat()), length: 4 } }) as unknown as Step;

  test('is the share of all attention to the prompt, <bos> apart, that lands on what is held', () => {
    const word = step(3, [0.5, 0.25, 0.25, 0], [0.25, 0.5, 0, 0.25]);
    expect(attentionKept([word], stop, kept([[0, 1, 2], [1]]), 3)).toBe(1);
    expect(attentionKept([word], stop, kept([[0, 1], []]), 3)).toBe(0.25);
    expect(attentionKept([word], stop, kept([[2], [1]]), 3)).toBe(0.75);
    expect(attentionKept([word], stop, kept([[], []]), 3)).toBe(0);
  });

  test('tells the worst word of an answer, and leaves out the full stop', () => {
    const [good, bad] = [step(3, [0, 1, 0, 0]), step(4, [0, 0.25, 0.75, 0])];
    const end = step(stop, [0, 0, 1, 0]);
    expect(attentionKept([good, end], stop, kept([[1]]), 3)).toBe(1);
    expect(attentionKept([good, bad, end], stop, kept([[1]]), 3)).toBe(0.25);
  });

  test('is exactly 1 where nothing was dropped, and where nothing was looked at', () => {
    const share = fc.float({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(share, share, share, share), { minLength: 1, maxLength: 4 }), (heads) => {
        const all = heads.map(() => range(3));
        expect(attentionKept([step(3, ...heads)], stop, kept(all), 3)).toBe(1);
      }),
    );
    expect(attentionKept([step(3, [0.5, 0, 0, 0.5])], stop, kept([[]]), 3)).toBe(1);
    expect(attentionKept([], stop, kept([[]]), 3)).toBe(1);
  });

  test('is measured on what the full cache looks at while it answers', () => {
    const engine = engineOf();
    const prepared = engine.prepare(shortPrompt(6));
    const [steps] = prepared.full.answers;
    expect(steps!.length).toBeGreaterThan(1);
    for (const run of compare(engine, prepared, ['random', 'oracle', 'full'], 0.25)) {
      expect(run.attentionKept).toBe(attentionKept(steps!, engine.model.config.stop, run.kept, 128));
    }
    engine.release(prepared);
  });
});

describe('the future', () => {
  // Each row behind the prompt looks at it anew; the recorder saw those that chose a word.
  test('holds no less than any answering row pays, and no more than all', () => {
    const engine = engineOf();
    const prepared = engine.prepare(shortPrompt(6));
    const future = prepared.ground.future!;
    expect(future).toHaveLength(16);
    for (const { looked } of prepared.full.answers[0]!) {
      future.forEach((peaks, head) => {
        peaks.forEach((peak, token) => {
          expect(peak).toBeLessThanOrEqual(1 + 1e-6);
          expect(peak).toBeGreaterThanOrEqual(looked!.looks[head * looked!.length + token]! - 1e-6);
        });
      });
    }
    // A rule that is told the future is told this one.
    expect(prepared.views.flatMap((view) => view.futurePeaks())).toEqual(future);
    engine.release(prepared);
  });
});

describe('bytes of a lane', () => {
  const plain = (entries: number) => ({ entries, keyBits: 16 * entries, valueBits: 16 * entries, overhead: 0 });

  // Heads of 3 and 5 tokens at headDim 4: 8 tokens of 16 bytes. One block has 32 slots in the two heads, of which 24 are empty.
  test('by hand', () => {
    expect(tallyBytes(plain(8), 1, 2, 4)).toEqual({
      keys: 64,
      values: 64,
      metadata: 0,
      live: 128,
      holes: 384,
      allocated: 512,
      host: 0,
    });
    expect(tallyBytes(plain(0), 1, 2, 4)).toEqual({
      keys: 0,
      values: 0,
      metadata: 0,
      live: 0,
      holes: 512,
      allocated: 512,
      host: 0,
    });
    expect(tallyBytes(plain(32), 1, 2, 4).holes).toBe(0);
  });

  // Four entries of two heads: keys of 2, 2, 16 and 16 bits are 18 bytes at headDim 4, values of 4 bits each 8, and 6 bytes of scales: 32, which is 8 an
  // entry, and so 8 for each of the 28 empty slots.
  test('by hand, where a codec wrote some', () => {
    expect(tallyBytes({ entries: 4, keyBits: 36, valueBits: 16, overhead: 6 }, 1, 2, 4)).toEqual({
      keys: 18,
      values: 8,
      metadata: 6,
      live: 32,
      holes: 224,
      allocated: 256,
      host: 0,
    });
  });

  // Two entries with the host, of 16 and 2 bits at headDim 4, are 16 and 2 bytes, and 3 beside: in none of the other sums.
  test('by hand, where some lie with the host', () => {
    const host = { entries: 2, keyBits: 18, valueBits: 18, overhead: 3 };
    expect(tallyBytes(plain(8), 1, 2, 4, host)).toEqual({ ...tallyBytes(plain(8), 1, 2, 4), host: 21 });
  });

  test('add up: live is keys, values and metadata; allocated is live and the holes', () => {
    const column = { minLength: 1, maxLength: 100 };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(2, 3, 4, 8, 16), fc.constantFrom(2, 3, 4, 8, 16), fc.nat(9)), column),
        fc.integer({ min: 1, max: 16 }),
        fc.nat(3),
        (entries, heads, spare) => {
          const blocks = Math.ceil(entries.length / 16) + spare;
          const sum = (at: 0 | 1 | 2) => entries.reduce((total, entry) => total + entry[at], 0);
          const tally = { entries: entries.length, keyBits: sum(0), valueBits: sum(1), overhead: sum(2) };
          const bytes = tallyBytes(tally, blocks, heads, 32);
          expect(bytes).toMatchObject({ keys: 4 * sum(0), values: 4 * sum(1), metadata: sum(2) });
          expect(bytes.live).toBe(bytes.keys + bytes.values + bytes.metadata);
          expect(bytes.allocated).toBe(bytes.live + bytes.holes);
          expect(bytes.holes).toBeGreaterThanOrEqual(0);
          const full = tallyBytes(plain(entries.length), blocks, heads, 32);
          expect(full).toMatchObject({ metadata: 0, keys: full.values, allocated: blocks * 16 * heads * 128 });
        },
      ),
    );
  });

  // Nothing is told to the count: it reads the columns. Two tokens are dropped in each head of layer 0, five keys of it are written with 4 bits in the
  // first head and five values in the second, 1.5 bytes of scales each; 7 bytes lie beside the last head; the first of three blocks goes back.
  test('of a cache are those of its columns', () => {
    const { config, kernels } = engineOf().model;
    const store = new Store(config, kernels.heap, new Rope(32, 10000));
    const cache = new KVCache(store);
    expect(cacheBytes(cache)).toEqual({ keys: 0, values: 0, metadata: 0, live: 0, holes: 0, allocated: 0, host: 0 });
    cache.append(40);
    const token = 2 * 32 * 2;
    expect(cacheBytes(cache)).toMatchObject({ live: 16 * 40 * token, holes: 16 * 8 * token, metadata: 0 });
    cache.retain(0, every(4, Int32Array.from(range(40, 2))));
    cache.encoded(0, [
      { kvHead: 0, side: 'keys', from: 0, to: 5, bits: 4, overhead: 1.5 },
      { kvHead: 1, side: 'values', from: 0, to: 5, bits: 4, overhead: 1.5 },
    ]);
    cache.index(3, [0, 0, 0, 7]);
    const half = (16 * 40 - 8) * 64 - 5 * 32 * 1.5;
    const bytes = cacheBytes(cache);
    expect(bytes).toMatchObject({ keys: half, values: half, metadata: 10 * 1.5 + 7, live: 2 * half + 22 });
    expect(bytes.allocated).toBeCloseTo((bytes.live / (16 * 40 - 8)) * 3 * 16 * 16, 6);
    for (const layer of range(4)) {
      cache.retain(
        layer,
        range(4).map((head) => Int32Array.from(range(cache.count(layer * 4 + head), 20))),
      );
    }
    cache.reclaim();
    expect(cache.blocks.map((block) => block >= 0)).toEqual([false, true, true]);
    expect(cacheBytes(cache)).toMatchObject({ metadata: 7, live: (12 * 20 + 4 * 18) * token + 7 });
    cache.release();
  });
});

describe('work', () => {
  // Matrices of a token: 4 layers * 128 * (2 * 12 * 32 + 3 * 384) = 983,040. Logits: 128 * 575 = 73,600. A look: 64, twice for the group of two. A token
  // that predicts nothing has no output projection, no feed-forward and no look in the last layer: 128 * (8 * 32 + 3 * 384) = 180,224 less, and 12 heads.
  test('by hand', () => {
    expect(readingWork(config, new Array<number>(16).fill(0), 1, 0)).toBe(983040 - 180224 + 12 * 2 * 64);
    expect(readingWork(config, new Array<number>(16).fill(10), 3, 1)).toBe(
      3 * 983040 - 2 * 180224 + 73600 + 2 * 64 * (12 * (11 + 12 + 13) + 4 * 13),
    );
    expect(withCache(config, 100)).toBe(983040 + 73600 + 16 * 2 * 64 * 101);
    expect(withoutCache(config, 100)).toBe(
      101 * 983040 - 100 * 180224 + 73600 + 2 * 64 * (12 * ((101 * 102) / 2) + 4 * 101),
    );
  });
});
