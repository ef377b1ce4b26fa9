import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptCount } from '../../src/engine/eviction/select.ts';
import { parseLane } from '../../src/engine/lane-spec.ts';
import { makePlan } from '../../src/engine/plan.ts';
import { countsOf, entriesWithin, fullBytes, headBytes, planBytes } from '../../src/engine/room.ts';
import { config, engineOf, shortPrompt, specsOf } from './harbour.ts';
import { specs } from './specs.ts';

const plan = (text: string) => makePlan(parseLane(text).spec);
const shares = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
);

// Two sides, 2 bytes a number: 4 * headDim for each token of each KV head of each layer.
test('the full cache, by hand', () => {
  expect(fullBytes(config, 512)).toBe(4 * 4 * 512 * 32 * 2 * 2);
  expect(headBytes(plan('h2o'), 10, config, 0)).toBe(640 + 640);
  // 64 tokens at 2 bits: 64 encoded keys of 32 channels at 1/4 byte, 32 encoded values and 32 waiting at 2 bytes a number;
  // 32 channels * 2 groups and 32 tokens * 1 group, at 4 bytes a scale and zero.
  expect(headBytes(plan('kivi'), 64, config, 0)).toBe(512 + (256 + 2048) + 384);
});

// Heads are numbered layer * 4 + kvHead. At 8 bits the same 64 tokens take 2048 and 1024 + 2048 bytes.
test('a codec may write layers differently', () => {
  const each = Array.from({ length: 16 }, (_, head) =>
    headBytes(plan('per-layer(kivi(8),kivi,first=1)'), 64, config, head),
  );
  expect(each).toEqual([...new Array(4).fill(2048 + (1024 + 2048) + 384), ...new Array(12).fill(3200)]);
});

// Pages of 16: two full ones in 40 tokens, each with a smallest and a largest number for 32 channels, at 2 bytes. The first layer reads everything.
test('what is stored beside the entries counts', () => {
  const each = Array.from({ length: 16 }, (_, head) => headBytes(plan('h2o+quest(dense=1)'), 40, config, head));
  expect(each).toEqual([...new Array(4).fill(40 * 128), ...new Array(12).fill(40 * 128 + 2 * 2 * 32 * 2)]);
});

// 40 tokens, 8 numbers of each and 8 directions of 32 numbers, at 2 bytes: as much with 5 of them near as with 40.
test('what tells of tokens that lie elsewhere counts too', () => {
  const lane = plan('infinigen(channels=8)');
  expect(headBytes(lane, 5, config, 0, 40)).toBe(5 * 128 + 2 * 8 * (40 + 32));
  // A quarter of 40 tokens is 1280 bytes a head, of which 1152 are taken: one entry.
  expect(entriesWithin(lane, config, 0.25, 40)).toBe(1);
  expect(entriesWithin(lane, config, 0.2, 40)).toBe(0);
});

test('heads may hold different numbers', () => {
  const kept = [
    [Int32Array.of(1, 2), Int32Array.of()],
    [Int32Array.of(3), Int32Array.of(4, 5, 6)],
  ];
  expect(countsOf(kept)).toEqual([2, 0, 1, 3]);
  expect(planBytes(plan('h2o'), config, countsOf(kept))).toBe(6 * 128);
});

describe('the number of entries that a head may hold', () => {
  test.each([
    ['h2o', 0.25, 256, 64],
    ['h2o', 0.1, 10, 1],
    ['h2o', 0.3, 10, 3],
    ['h2o', 0.01, 64, 0.64],
    ['h2o', 1, 100, 100],
    // 256 tokens of kivi(bits=2): keys 2048, values 1792 + 2048, metadata 1024 + 896, together 7808 of 32768 bytes.
    ['h2o+kivi', 0.25, 256, 256],
    ['h2o+kivi', 7808 / 32768, 256, 256],
    // At 0.23 there are 7536.64 bytes. 224 tokens take 1792 + (1536 + 2048) + 4 * (224 + 192) = 7040, and each of the next 31, of which only the values are
    // encoded, 64 + 8 + 4 more: six of them fit.
    ['h2o+kivi', 0.23, 256, 230],
    // What is stored of a page of 16 tokens takes as much as one of them: 241 + 15 are 256.
    ['h2o+quest(dense=0)', 1, 256, 241],
    // Nothing is stored beside the entries where every layer reads everything, or where no page is full.
    ['h2o+quest(dense=4)', 0.3, 10, 3],
    ['h2o+quest', 0.3, 15, 4.5],
  ])('%s at %d of %i: %d', (lane, share, seq, entries) =>
    expect(entriesWithin(plan(lane), config, share, seq)).toBe(entries),
  );

  test('without a codec is cut off as kvpress cuts it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1100 }), shares, (seq, share) => {
        expect(Math.trunc(entriesWithin(plan('snapkv'), config, share, seq))).toBe(Math.trunc(seq * share));
        expect(keptCount(seq, 1 - share)).toBe(Math.trunc(seq * (1 - (1 - share))));
      }),
    );
  });

  // KIVI's bytes do not grow steadily: 63 tokens take more than 64. So every number above must be tried.
  test('is the largest that fits', () => {
    fc.assert(
      fc.property(specs, shares, fc.integer({ min: 1, max: 400 }), (spec, share, seq) => {
        const lane = makePlan(spec);
        const entries = Math.trunc(entriesWithin(lane, config, share, seq));
        // With two memories, what is stored beside tells of all tokens, near or not; where that alone is too much, nothing fits.
        const indexed = lane.retriever.arrange ? seq : undefined;
        const bytesOf = (count: number) => planBytes(lane, config, new Array<number>(16).fill(count), indexed);
        const room = share * fullBytes(config, seq);
        expect(entries >= 0 && entries <= seq).toBe(true);
        if (entries || !indexed) expect(bytesOf(entries)).toBeLessThanOrEqual(room);
        for (let more = entries + 1; more <= seq; more++) expect(bytesOf(more)).toBeGreaterThan(room);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a lane that keeps everything', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(3));

  // 128 tokens of kivi(bits=2) in a head: keys 1024, values 768 + 2048, metadata 512 + 384, together 4736 of 16384 bytes.
  test.each([
    ['full', 1, true],
    ['full', 0.99, false],
    ['kivi', 0.3, true],
    ['kivi', 4736 / 16384, true],
    ['kivi', 0.28, false],
    ['quest', 0.99, false],
  ])('%s at %d: keeps all 128, and says whether it fits: %s', (lane, share, fits) => {
    const [run] = engine.compare(prepared, specsOf(lane), share);
    expect(run!.budget).toEqual({ kept: 128, fits });
    expect(run!.kept.flat().map(({ length }) => length)).toEqual(new Array(16).fill(128));
  });
});
