import { expect, test } from 'vitest';
import { expectedAttention } from '../../../src/engine/eviction/expected-attention.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

const keys = [
  [
    [1, 0],
    [0, 1],
  ],
];
const values = [
  [
    [1, 0],
    [0, 4],
  ],
];
/** Queries that do not turn. */
const layerWith = (...queries: number[][]) => layerOf({ keys, values, queries_prerope: [queries], inv_freq: [0] });
const close = (layer: Parameters<typeof scoresOf>[1], settings: Record<string, number | boolean>, expected: number[]) =>
  expected.forEach((score, j) =>
    expect(scoresOf(expectedAttention, layer, 1, { sinks: 0, ...settings })[0]![j]).toBeCloseTo(score, 6),
  );
const [high, low] = [Math.E / (Math.E + 1), 1 / (Math.E + 1)];

// Both queries alike: no spread. Logits 1 and 0.
test('keeps what the mean query looks at, weighed by the length of values', () => {
  const layer = layerWith([Math.SQRT2, 0], [Math.SQRT2, 0]);
  close(layer, { values: false }, [high, low]);
  close(layer, {}, [high, 4 * low]);
  close(layer, { epsilon: 0.5 }, [high + 0.5, 4 * (low + 0.5)]);
  expect(keptBy(expectedAttention, layer, 1, { sinks: 0 })).toEqual([[1]]);
});

// The mean is zero and the covariance diag(4, 0): logits 4 / (2 * 2) and 0.
test('queries that spread look where they spread to', () => {
  const layer = layerWith([2, 0], [-2, 0]);
  close(layer, { values: false }, [high, low]);
  close(layer, { values: false, covariance: false }, [1 / 2, 1 / 2]);
});

// At the one coming position, 2, a pair of frequency pi / 4 has turned by a quarter: the spread is along the second channel.
test('mean and spread turn as the coming positions do', () => {
  const turned = layerOf({
    keys,
    values,
    queries_prerope: [
      [
        [2, 0],
        [-2, 0],
      ],
    ],
    inv_freq: [Math.PI / 4],
  });
  close(turned, { values: false, future: 1 }, [low, high]);
});

test('sinks score one more than the best, and their queries do not count', () => {
  const layer = layerWith([9, 9], [Math.SQRT2, 0]);
  close(layer, { sinks: 1 }, [5, 4]);
  expect(() => scoresOf(expectedAttention, layer, 1, { sinks: 2 })).toThrow('there are 2 tokens and 2 sinks');
});
