import { describe, expect, test } from 'vitest';
import { threshold } from '../../../src/engine/budget/threshold.ts';
import { selectFrom } from './layers.ts';

const heads = [
  [0.9, 0.1, 0.5, 0.2, 0.1, 0.3],
  [0.1, 0.1, 0.1, 0.8, 0.1, 0.1],
];
const kept = (budget: number, at: number, window: number) =>
  selectFrom(threshold, [heads], [budget], { at, window })[0];

describe('six entries, the newest of which stay unjudged', () => {
  test('what passes stays, and heads keep as many as pass', () => {
    expect(kept(6, 0.2, 1)).toEqual([
      [0, 2, 3, 5],
      [3, 5],
    ]);
    expect(kept(6, 0.5, 0)).toEqual([[0, 2], [3]]);
    expect(kept(6, 1, 2)).toEqual([
      [4, 5],
      [4, 5],
    ]);
    expect(kept(6, -1, 0)).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2, 3, 4, 5],
    ]);
  });

  // Four of the first head pass, and three fit: 5 unjudged, 0.9 and 0.5.
  test('no head holds more than the budget: the lowest scores go first', () => {
    expect(kept(3.9, 0.2, 1)).toEqual([
      [0, 2, 5],
      [3, 5],
    ]);
  });

  test('and of the newest the older ones', () => {
    expect(kept(2, 0.2, 4)).toEqual([
      [4, 5],
      [4, 5],
    ]);
    expect(kept(0, 0.2, 4)).toEqual([[], []]);
  });
});
