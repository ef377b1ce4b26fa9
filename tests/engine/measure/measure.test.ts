import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLane } from '../../../src/engine/lane-spec.ts';
import { attentionKept, attentionMass } from '../../../src/engine/measure/attention-kept.ts';
import { laneBytes } from '../../../src/engine/measure/bytes.ts';
import { argmax, divergence, logSoftmax, top } from '../../../src/engine/measure/divergence.ts';
import { readingWork, withCache, withoutCache } from '../../../src/engine/measure/work.ts';
import { config } from '../harbour.ts';
import { specs } from '../specs.ts';

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
  // Two query heads, two rows each. The rows look at the prompt with 1, 0.5, 1 and 0 in all; the rest goes to what was read since.
  const future = [{ shape: [2, 2, 3], data: Float32Array.of(0.5, 0.25, 0.25, 0.25, 0.25, 0, 0, 0, 1, 0, 0, 0) }];

  test('is added up over the rows and heads that share a KV head', () => {
    expect(attentionMass(future, 1)).toEqual([[Float64Array.of(0.75, 0.5, 1.25)]]);
    expect(attentionMass(future, 2)).toEqual([[Float64Array.of(0.75, 0.5, 0.25), Float64Array.of(0, 0, 1)]]);
  });

  test('is the part of all that lands on what is held', () => {
    const [one, two] = [attentionMass(future, 1), attentionMass(future, 2)];
    expect(attentionKept(one, [[[0, 2]]])).toBe(2 / 2.5);
    expect(attentionKept(one, [[[]]])).toBe(0);
    expect(attentionKept(two, [[[0], [2]]])).toBe(1.75 / 2.5);
    expect(attentionKept([...two, ...one], [[[0], [2]], [[1]]])).toBe(2.25 / 5);
  });

  test('is exactly 1 where nothing was dropped, and where nothing was looked at', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 12, maxLength: 12, min: 0, max: 1, noNaN: true }), (data) => {
        expect(
          attentionKept(attentionMass([{ shape: [2, 2, 3], data }], 2), [
            [
              [0, 1, 2],
              [0, 1, 2],
            ],
          ]),
        ).toBe(1);
      }),
    );
    expect(attentionKept([[Float64Array.of(0, 0)]], [[[0]]])).toBe(1);
  });

  // Rows that look past the prompt once counted as much as those that read it, and two kernels disagreed by a hundredth.
  test('does not see what is left of rows that look elsewhere', () => {
    const faint = (a: number, b: number) =>
      attentionKept(attentionMass([{ shape: [1, 2, 2], data: Float32Array.of(0.75, 0.25, a, b) }], 1), [[[0]]]);
    expect(Math.abs(faint(1e-20, 0) - faint(0, 1e-20))).toBeLessThan(1e-12);
  });
});

describe('bytes of a lane', () => {
  const lane = (text: string) => parseLane(text).spec;

  // Heads of 3 and 5 tokens at headDim 4: 8 tokens of 16 bytes. One block has 32 slots in the two heads, of which 24 are empty.
  test('by hand', () => {
    expect(laneBytes(lane('h2o'), [3, 5], 1, 4)).toEqual({
      keys: 64,
      values: 64,
      metadata: 0,
      live: 128,
      holes: 384,
      allocated: 512,
    });
    expect(laneBytes(lane('h2o'), [0, 0], 1, 4)).toEqual({
      keys: 0,
      values: 0,
      metadata: 0,
      live: 0,
      holes: 512,
      allocated: 512,
    });
    expect(laneBytes(lane('h2o'), [16, 16], 1, 4).holes).toBe(0);
  });

  test('add up: live is keys, values and metadata; allocated is live and the holes', () => {
    fc.assert(
      fc.property(specs, fc.array(fc.nat(100), { minLength: 1, maxLength: 16 }), fc.nat(3), (spec, counts, spare) => {
        const blocks = Math.ceil(Math.max(...counts) / 16) + spare;
        const bytes = laneBytes(spec, counts, blocks, 32);
        expect(bytes.live).toBe(bytes.keys + bytes.values + bytes.metadata);
        expect(bytes.allocated).toBe(bytes.live + bytes.holes);
        expect(bytes.holes).toBeGreaterThanOrEqual(0);
        if (!spec.codec)
          expect(bytes).toMatchObject({
            metadata: 0,
            keys: bytes.values,
            allocated: blocks * 16 * counts.length * 128,
          });
      }),
    );
  });
});

describe('work', () => {
  // Matrices of a token: 4 layers * 128 * (2 * 12 * 32 + 3 * 384) = 983,040. Logits: 128 * 575 = 73,600. A look: 64, twice for the group of two.
  test('by hand', () => {
    expect(readingWork(config, new Array<number>(16).fill(0), 1, 0)).toBe(983040 + 16 * 2 * 64);
    expect(readingWork(config, new Array<number>(16).fill(10), 3, 1)).toBe(
      3 * 983040 + 73600 + 16 * 2 * 64 * (11 + 12 + 13),
    );
    expect(withCache(config, 100)).toBe(983040 + 73600 + 16 * 2 * 64 * 101);
    expect(withoutCache(config, 100)).toBe(101 * 983040 + 73600 + 16 * 2 * 64 * ((101 * 102) / 2));
  });
});
