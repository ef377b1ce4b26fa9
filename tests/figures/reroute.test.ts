import { expect, test } from 'vitest';
import { cameBack, layersOf, layersPath } from '../../src/figures/reroute.ts';

// Bit l stands for layer l: 0b1011 are layers 0, 1 and 3.
test('layers that hold a token are strokes, neighbours one stroke', () => {
  expect(layersPath(0b1011, 4)).toBe('M0 0.5h2M3 0.5h1');
  expect(layersPath(0b1111, 4)).toBe('M0 0.5h4');
  expect(layersPath(0, 4)).toBe('');
});

test('a token came back where a layer holds it that follows one which does not', () => {
  expect([0b0000, 0b0001, 0b0011, 0b1111].map(cameBack)).toEqual([false, false, false, false]);
  expect([0b1000, 0b1100, 0b1011, 0b0101].map(cameBack)).toEqual([true, true, true, true]);
});

test('layers are counted', () => {
  expect([0b0000, 0b0100, 0b1011, 0b1111].map(layersOf)).toEqual([0, 1, 3, 4]);
});
