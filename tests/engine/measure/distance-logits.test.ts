import { describe, expect, test } from 'vitest';
import { DistanceLogits, seriesAt } from '../../../src/engine/measure/distance-logits.ts';
import { layerOf } from '../eviction/layers.ts';

// Two numbers are one pair that turns by 1 a token. Every key is (1, 0) before it is turned, but for the first token's, which does not count.
const seq = 5;
const turned = (length: number, token: number) => [length * Math.cos(token), length * Math.sin(token)];
const keys = [Array.from({ length: seq }, (_, token) => turned(token ? 1 : 50, token))];
const logitsOf = (lengthAt: (token: number) => number, center: readonly number[], farthest: number) => {
  const layer = layerOf({
    keys,
    keys_prerope: [Array.from({ length: seq }, (_, token) => [token ? 1 : 50, 0])],
    queries: [Array.from({ length: seq }, (_, token) => turned(lengthAt(token), token))],
  });
  const logits = new DistanceLogits(0, Float32Array.from(center), farthest);
  logits.add(layer);
  return logits.result(layer.rope);
};
const root = Math.SQRT2;

describe('queries of one direction', () => {
  // 2 cos D, over the root of two numbers.
  test('pay the cosine of the distance, as the series says', () => {
    const { means, cosines, sines, r, single, strays } = logitsOf(() => 2, [2, 0], 3);
    means.forEach((mean, i) => expect(mean).toBeCloseTo((2 * Math.cos(i + 1)) / root, 5));
    expect(cosines[0]).toBeCloseTo(2 / root, 5);
    expect(sines[0]).toBeCloseTo(0, 5);
    expect(r).toBeCloseTo(1, 5);
    expect(single).toBeCloseTo(1, 5);
    expect(strays).toBeLessThan(0.01);
  });

  // A center a quarter turn ahead: its series is 2 cos(D + pi / 2) = -2 sin D.
  test('a center that is not theirs has another series', () => {
    const { cosines, sines, r } = logitsOf(() => 2, [0, 2], 3);
    expect(cosines[0]).toBeCloseTo(0, 5);
    expect(seriesAt({ cosines, sines }, [1], 1)).toBeCloseTo((-2 * Math.sin(1)) / root, 5);
    expect(r).toBeLessThan(0.9);
  });
});

// Tokens 2 and 4 are looked at, with queries 1 and 3 long: cos 1 and 3 cos 1, 2 cos 1 on average, and cos 1 off.
test('single logits stray from the mean of their distance', () => {
  const { means, strays } = logitsOf((token) => (token === 2 ? 1 : 3), [2, 0], 1);
  expect(means).toHaveLength(1);
  expect(means[0]).toBeCloseTo((2 * Math.cos(1)) / root, 5);
  expect(strays).toBeCloseTo(Math.cos(1) / root, 5);
});
