import { expect, test } from 'vitest';
import { cur } from '../../../src/engine/eviction/cur.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

// In windows of two, the squares 1, 1, 4, 4 of the keys are one half each; 1, 4, 9, 1 of the values are 0.2, 0.8, 0.9, 0.1. The products add up to 1.
const layer = layerOf({ keys: [[[1], [1], [2], [-2]]], values: [[[1], [2], [3], [1]]] });
const close = (settings: Record<string, number | boolean>, expected: number[]) =>
  expected.forEach((score, j) =>
    expect(scoresOf(cur, layer, 2, { window: 2, sinks: 0, ...settings })[0]![j]).toBeCloseTo(score, 9),
  );

test('keeps what is long among its neighbours, in keys and values', () => {
  close({}, [0.1, 0.4, 0.45, 0.05]);
  expect(keptBy(cur, layer, 2, { window: 2, sinks: 0 })).toEqual([[1, 2]]);
  close({ sinks: 1 }, [1, 0.4, 0.45, 0.05]);
  expect(keptBy(cur, layer, 2, { window: 2, sinks: 1 })).toEqual([[0, 2]]);
});

test('one side alone, or the mean of both', () => {
  close({ values: false }, [0.25, 0.25, 0.25, 0.25]);
  close({ keys: false }, [0.1, 0.4, 0.45, 0.05]);
  close({ mean: true }, [0.175, 0.325, 0.35, 0.15]);
});

// The squares as they are: 1, 4, 36, 4 of 45.
test('without windows, lengths are compared with all', () => close({ window: 0 }, [1 / 45, 4 / 45, 36 / 45, 4 / 45]));

test('lengths of zero are no reason to divide by it', () => {
  const zeros = [[[0], [0]]];
  expect(scoresOf(cur, layerOf({ keys: zeros, values: zeros }), 1, { sinks: 0 })).toEqual([[0, 0]]);
});
