import { expect, test } from 'vitest';
import { capkv } from '../../../src/engine/eviction/capkv.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

const tensors = {
  keys: [
    [
      [2, 0],
      [0, 3],
    ],
  ],
  values: [
    [
      [1, 0],
      [0, 2],
    ],
  ],
  queries_prerope: [
    [
      [1, 0],
      [5, 0],
    ],
  ],
  // Nothing turns, so that the mean query is where it was.
  inv_freq: [0],
};
const layer = layerOf(tensors);
const close = (settings: Record<string, number>, expected: number[]) =>
  expected.forEach((score, j) => expect(scoresOf(capkv, layer, 1, settings)[0]![j]).toBeCloseTo(score, 5));

// A = I + diag(1, 4): 1/2 and 4/5.
test('where all tokens count alike, keeps the values that add most', () => {
  close({ sinks: 0, tau: 0 }, [1 / 2, 4 / 5]);
  expect(keptBy(capkv, layer, 1, { sinks: 0, tau: 0 })).toEqual([[1]]);
});

// The queries point at the first key and are square to the second: 1 and e^-5.
test('where queries choose, keeps what they look at', () => {
  const w = Math.exp(-5);
  close({ sinks: 0 }, [1 / 2, (w * 4) / (1 + 4 * w)]);
  expect(keptBy(capkv, layer, 1, { sinks: 0 })).toEqual([[0]]);
});

test('a sink takes no part and scores one more than the best', () => {
  close({ sinks: 1, tau: 0 }, [1 + 4 / 5, 4 / 5]);
  expect(() => scoresOf(capkv, layer, 1)).toThrow('there are 2 tokens and 4 sinks');
});

// Turned by a quarter, the mean query points at the second key. At the only coming position, 2, with a frequency of pi / 4.
test('the mean query is turned as coming positions are', () => {
  const turned = layerOf({ ...tensors, inv_freq: [Math.PI / 4] });
  expect(keptBy(capkv, turned, 1, { sinks: 0, future: 1 })).toEqual([[1]]);
});
