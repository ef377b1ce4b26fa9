import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fullBytes, headBytes, sum, uniform } from '../../../src/engine/budget/uniform.ts';
import { policies } from '../../../src/engine/eviction/index.ts';
import { keptCount } from '../../../src/engine/eviction/select.ts';
import { parseLane } from '../../../src/engine/lane-spec.ts';
import { config } from '../harbour.ts';
import { specs } from '../specs.ts';

const lane = (text: string) => parseLane(text).spec;
const shares = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
);

// Two sides, 2 bytes a number: 4 * headDim for each token of each KV head of each layer.
test('the full cache, by hand', () => {
  expect(fullBytes(config, 512)).toBe(4 * 4 * 512 * 32 * 2 * 2);
  expect(headBytes(lane('h2o'), 10, 32)).toEqual({ keys: 640, values: 640, metadata: 0 });
  // 64 tokens at 2 bits: 64 encoded keys of 32 channels at 1/4 byte, 32 encoded values and 32 waiting at 2 bytes a number;
  // 32 channels * 2 groups and 32 tokens * 1 group, at 4 bytes a scale and zero.
  expect(headBytes(lane('kivi'), 64, 32)).toEqual({ keys: 512, values: 256 + 2048, metadata: 384 });
});

describe('the number of tokens kept', () => {
  test.each([
    ['h2o', 0.25, 256, 64, true],
    ['h2o', 0.1, 10, 1, true],
    ['h2o', 0.3, 10, 3, true],
    ['h2o', 0.01, 64, 0, true],
    ['h2o', 1, 100, 100, true],
    ['full', 0.25, 256, 256, false],
    ['full', 1, 256, 256, true],
    // 256 tokens of kivi(bits=2): keys 2048, values 1792 + 2048, metadata 1024 + 896, together 7808 of 32768 bytes.
    ['kivi', 0.25, 256, 256, true],
    ['kivi', 0.23, 256, 256, false],
    ['kivi', 7808 / 32768, 256, 256, true],
  ])('%s at %d of %i: %i', (text, share, seq, kept, fits) =>
    expect(uniform(lane(text), share, seq, 32)).toEqual({ kept, fits }),
  );

  test('without a codec is cut off as kvpress cuts it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1100 }), shares, (seq, share) => {
        expect(uniform(lane('snapkv'), share, seq, 32).kept).toBe(Math.trunc(seq * share));
        expect(keptCount(seq, 1 - share)).toBe(Math.trunc(seq * (1 - (1 - share))));
      }),
    );
  });

  // KIVI's bytes do not grow steadily: 63 tokens take more than 64. So every number above must be tried.
  test('is the largest that fits, and the budget is exceeded only by lanes that keep everything', () => {
    fc.assert(
      fc.property(specs, shares, fc.integer({ min: 1, max: 400 }), (spec, share, seq) => {
        const { kept, fits } = uniform(spec, share, seq, 32);
        const bytesOf = (count: number) => sum(headBytes(spec, count, 32));
        const room = share * seq * 128;
        expect(fits).toBe(bytesOf(kept) <= room);
        if (policies[spec.policy.name]!.keepsAll) {
          expect(kept).toBe(seq);
        } else {
          expect(fits).toBe(true);
          for (let more = kept + 1; more <= seq; more++) expect(bytesOf(more)).toBeGreaterThan(room);
        }
      }),
      { numRuns: 300 },
    );
  });
});
