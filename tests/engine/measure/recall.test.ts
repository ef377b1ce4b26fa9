import { expect, test } from 'vitest';
import { recallOf } from '../../../src/engine/measure/recall.ts';

const look = (paid: number[], near?: number[]) => ({
  tokens: Int32Array.from(paid.keys()),
  paid: Float32Array.from(paid),
  near: near && Int32Array.from(near),
});

// Behind <bos> the first head pays 0.5, of which 0.1 is near; the second 0.25, all of it near; token 4 is no token of the prompt.
test('the share of what was wanted that was near, and what was not', () => {
  const { recall, missed } = recallOf([look([0.5, 0.375, 0.125, 0, 0.5], [0, 2, 4]), look([0.5, 0.25, 0.25, 0, 0])], 4);
  expect(recall).toBeCloseTo((0.125 + 0.5) / 1, 9);
  expect(missed).toEqual({ positions: [1], weights: [0.375] });
});

test('of several heads the one that would have paid most counts, and what hardly counts is not marked', () => {
  const { missed } = recallOf([look([0, 0.05, 0.5, 0.2], []), look([0, 0.06, 0.25, 0.3], [])], 4);
  expect(missed.positions).toEqual([2, 3]);
  expect(missed.weights[0]).toBeCloseTo(0.5, 6);
  expect(missed.weights[1]).toBeCloseTo(0.3, 6);
});

test('where nothing is wanted, nothing is missed', () => {
  expect(recallOf([look([1, 0, 0], [])], 3)).toEqual({ recall: 1, missed: { positions: [], weights: [] } });
  expect(recallOf([], 3).recall).toBe(1);
});
