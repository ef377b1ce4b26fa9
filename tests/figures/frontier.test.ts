import { expect, test } from 'vitest';
import type { Cell } from '../../src/engine/measure/cell.ts';
import { bestWithin, stacked, tracksOf } from '../../src/figures/frontier.ts';

const cell = (lane: string, keep: number, bytes: number, right: number, kl = 1): Cell => ({
  ...{ lane, keep, bytes, right, n: 10, kl },
  ...{ low: right / 10 - 0.1, high: right / 10 + 0.1, kl_within: [kl, kl] },
});

const cells = [
  cell('snapkv', 0.5, 0.5, 8),
  cell('snapkv', 0.25, 0.25, 4),
  cell('kivi', 0.5, 0.2, 9),
  cell('kivi', 0.25, 0.2, 9),
  cell('snapkv+kivi', 0.5, 0.2, 9),
  cell('snapkv+kivi', 0.25, 0.2, 9),
  cell('snapkv+kivi', 0.125, 0.125, 7),
];

test('a lane says what makes it smaller, and stands once at each size, the smallest first', () => {
  expect(tracksOf(cells).map(({ lane, way, cells: own }) => [lane, way, own.map(({ bytes }) => bytes)])).toEqual([
    ['snapkv', 'fewer', [0.25, 0.5]],
    ['kivi', 'smaller', [0.2]],
    ['snapkv+kivi', 'both', [0.125, 0.2]],
  ]);
});

test('the best within so many bytes, and those that cannot be told from it', () => {
  expect(bestWithin(cells, 0.13)?.best.lane).toBe('snapkv+kivi');
  const half = bestWithin(cells, 0.5)!;
  expect([half.best.lane, half.best.right]).toEqual(['kivi', 9]);
  // SnapKV reaches 0.9, and the best begins at 0.8.
  expect(half.alike.map(({ lane }) => lane).sort()).toEqual(['snapkv', 'snapkv+kivi']);
  expect(bestWithin(cells, 0.1)).toBeUndefined();
});

test('of two that are right as often the one that strays less is the better', () => {
  expect(bestWithin([cell('kivi', 1, 0.2, 9, 0.4), cell('q4_0', 1, 0.2, 9, 0.3)], 1)?.best.lane).toBe('q4_0');
});

test('labels that would lie on one another are stacked', () => {
  const label = (x: number, width = 20) => ({ text: '', x, y: 50, width });
  expect(stacked([label(0), label(100), label(10), label(15)], 12)).toEqual([50, 50, 38, 26]);
});
