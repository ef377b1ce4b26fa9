import { describe, expect, test } from 'vitest';
import { Lane } from '../../../src/engine/lane.ts';
import { parseLane } from '../../../src/engine/lane-spec.ts';
import { channelPeak } from '../../../src/engine/measure/channels.ts';
import { damageOf } from '../../../src/engine/measure/damage.ts';
import { errorOf } from '../../../src/engine/measure/error.ts';
import { makePlan } from '../../../src/engine/plan.ts';
import { engineOf, shortPrompt } from '../harbour.ts';

// Off by 0, 3 and 4: squares 25 over three numbers, of which the squares are 4, 25 and 36.
test('how far numbers are off', () => {
  const { max, mean, rms, relative } = errorOf([[2], [5, 6]], [[2], [2, 10]]);
  expect([max, mean]).toEqual([4, 7 / 3]);
  expect(rms).toBeCloseTo(Math.sqrt(25 / 3), 12);
  expect(relative).toBeCloseTo(Math.sqrt(25 / 65), 12);
  expect(errorOf([], [])).toEqual({ max: 0, mean: 0, rms: 0, relative: 0 });
  expect(errorOf([[0]], [[0]]).relative).toBe(0);
});

// Channels with rms 1, 2, 3 and 12: the median is 2.5.
test('how far the largest channel stands out', () => {
  expect(channelPeak(Float32Array.of(1, -2, 3, 12, -1, 2, 3, -12), 4)).toBeCloseTo(4.8, 6);
  expect(channelPeak(new Float32Array(4), 4)).toBe(1);
});

describe('what a lane does to attention', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(5, 'later'));
  const damage = (text: string, keep = 1) => {
    const lane = new Lane(prepared.ground, makePlan(parseLane(text).spec), keep, () => {});
    lane.act('prompt', prepared.views);
    const found = damageOf(prepared.prefix, lane.cache);
    lane.release();
    return found;
  };

  test('nothing where nothing is done', () => {
    expect(damage('full')).toEqual({ keys: 0, values: 0, logits: 0, output: 0 });
  });

  test('eviction leaves keys and values as they are, and changes what attention puts out', () => {
    const { keys, values, logits, output } = damage('random', 0.2);
    expect([keys, values, logits]).toEqual([0, 0, 0]);
    expect(output).toBeGreaterThan(0.01);
  });

  test('fewer key channels change the scores and not the values, and fewer bits change both', () => {
    const pruned = damage('think');
    expect(pruned.values).toBe(0);
    expect(pruned.keys).toBeGreaterThan(0.01);
    expect(pruned.logits).toBeGreaterThan(0.01);
    const bits = [2, 8].map((count) => damage(`per-token(bits=${count})`));
    for (const name of ['keys', 'values', 'logits', 'output'] as const) {
      const errors = bits.map((each) => each[name]);
      expect(errors).toEqual([...errors].sort((a, b) => b - a));
      expect(errors[1]).toBeGreaterThan(0);
    }
  });
});
