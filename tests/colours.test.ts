import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { leverGroups, levers, parentOf } from '../src/catalog/values.ts';

type Triple = readonly [number, number, number];

const read = (path: string) => readFileSync(resolve(import.meta.dirname, '../src', path), 'utf8');
const colours = read('styles/colours.css');

/** The linear sRGB of a token in one theme. */
function colour(token: string, theme: 'light' | 'dark'): Triple {
  const [, light = '', dark = ''] = colours.match(new RegExp(`--${token}: light-dark\\(#(\\w{6}), #(\\w{6})\\)`)) ?? [];
  const channel = (at: number) => parseInt((theme === 'light' ? light : dark).slice(at, at + 2), 16) / 255;
  const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return [linear(channel(0)), linear(channel(2)), linear(channel(4))];
}

const dot = (a: Triple, b: Triple) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const times = (matrix: readonly [Triple, Triple, Triple], v: Triple): Triple => [
  dot(matrix[0], v),
  dot(matrix[1], v),
  dot(matrix[2], v),
];

/** The contrast of WCAG 2. */
function contrast(a: Triple, b: Triple): number {
  const luminance = (c: Triple) => dot([0.2126, 0.7152, 0.0722], c) + 0.05;
  return Math.max(luminance(a), luminance(b)) / Math.min(luminance(a), luminance(b));
}

/** How eyes without one kind of cone see a linear colour: Machado, Oliveira and Fernandes 2009, full severity. */
const eyes: Record<string, readonly [Triple, Triple, Triple]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** OKLab: equal distances look equally far apart. */
function oklab(rgb: Triple): Triple {
  const cones = times(
    [
      [0.4122, 0.5363, 0.0514],
      [0.2119, 0.6807, 0.1074],
      [0.0883, 0.2817, 0.63],
    ],
    rgb,
  );
  const roots: Triple = [Math.cbrt(cones[0]), Math.cbrt(cones[1]), Math.cbrt(cones[2])];
  return times(
    [
      [0.2105, 0.7936, -0.0041],
      [1.978, -2.4286, 0.4506],
      [0.0259, 0.7828, -0.8087],
    ],
    roots,
  );
}

/** The levers that have a hue of their own. */
const hues = levers.filter((lever) => !parentOf(lever));

const distance = (a: Triple, b: Triple) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe.for(['light', 'dark'] as const)('%s', (theme) => {
  test.for([...hues.map((lever) => `lever-${lever}`), 'ink', 'ink-soft', 'wrong'])(
    '%s can be read on the paper',
    (token) => {
      expect(contrast(colour(token, theme), colour('paper', theme))).toBeGreaterThanOrEqual(4.5);
    },
  );

  test.for([1, 2, 3, 4, 5])('ink can be read on attention %i', (step) => {
    expect(contrast(colour('ink', theme), colour(`attend-${step}`, theme))).toBeGreaterThanOrEqual(4.5);
  });

  test.for(Object.keys(eyes))('the levers stay apart for %s eyes', (eye) => {
    const seen = hues.map((lever) => oklab(times(eyes[eye]!, colour(`lever-${lever}`, theme))));
    const gaps = seen.flatMap((a, i) => seen.slice(0, i).map((b) => distance(a, b)));
    expect(Math.min(...gaps)).toBeGreaterThan(0.09);
  });
});

test('every lever has its hue, and so has what pulls none', () => {
  expect([...colours.matchAll(/\.hue-(\w+)/g)].map(([, lever]) => lever)).toEqual(leverGroups);
});

test('the bar of the browser has the colour of the paper', () => {
  const [, light, dark] = /--paper: light-dark\((#\w+), (#\w+)\)/.exec(colours)!;
  const bars = [...read('components/Head.astro').matchAll(/name="theme-color".*content="(#\w+)"/g)];
  expect(bars.map(([, colour]) => colour)).toEqual([light, dark]);
});
