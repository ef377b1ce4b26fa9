import { expect, test } from 'vitest';
import { channelSizes, shadeOf, shadePaths, usualMost } from '../../src/figures/key-map.ts';

test('a number has the shade of its size, and no more than all the ink', () => {
  expect([0, 0.07, 0.08, -0.5, 1, 9].map((x) => shadeOf(x, 1))).toEqual([0, 0, 1, 4, 7, 7]);
  expect(shadeOf(3, 0)).toBe(0);
});

// Three tokens of two channels. Channel 0 is large in all of them: one stroke of three. Channel 1 is large in token 1 alone.
test('a run of one shade is one stroke', () => {
  const paths = shadePaths(Float32Array.of(1, 0, -1, 1, 1, 0), 2, 1);
  expect(paths).toEqual(['', '', '', '', '', '', 'M0 0h3M1 1h1']);
});

test('sizes of channels are root mean squares', () => {
  expect([...channelSizes(Float32Array.of(3, 1, 4, -1), 2)]).toEqual([Math.sqrt(12.5), 1]);
});

test('one number in a hundred does not decide how dark the others are', () => {
  const rows = Float32Array.from({ length: 200 }, (_, i) => (i === 7 ? -90 : i % 2));
  expect(usualMost(rows)).toBe(1);
});
