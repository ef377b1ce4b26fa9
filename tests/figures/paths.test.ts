import { describe, expect, test } from 'vitest';
import { attendedPaths, blocksOf, countsWithin, heldPath } from '../../src/figures/paths.ts';
import { frameOf } from './frames.ts';

const frame = frameOf(['##.##', '.....', '#...#']);

describe('what is held, as rectangles', () => {
  test('one for each run of a row', () => {
    expect(heldPath(frame, 5, 5, [0, 1, 2], 0)).toBe('M0 0h2v1h-2zM3 0h2v1h-2zM0 2h1v1h-1zM4 2h1v1h-1z');
  });

  test('rows are the heads in view, from the top', () => {
    expect(heldPath(frame, 5, 5, [2], 0)).toBe('M0 0h1v1h-1zM4 0h1v1h-1z');
    expect(heldPath(frame, 5, 5, [2, 0], 0)).toBe('M0 0h1v1h-1zM4 0h1v1h-1zM0 1h2v1h-2zM3 1h2v1h-2z');
  });

  test('cut off at the width, with a gap below', () => {
    expect(heldPath(frame, 5, 4, [0], 0.25)).toBe('M0 0h2v0.75h-2zM3 0h1v0.75h-1z');
    expect(heldPath(frame, 5, 5, [1])).toBe('');
  });
});

describe('what was looked at', () => {
  const heads = Uint8Array.of(7, 8, 23, 24, 55, 56, 111, 112, 175, 176, 255, 0);
  const looked = frameOf(['############'], { attention: { positions: [], weights: [], heads } });

  test('in five steps, of which the limits belong to the higher', () => {
    expect(attendedPaths(looked, 12, [0], 0)).toEqual([
      'M1 0h2v1h-2z',
      'M3 0h2v1h-2z',
      'M5 0h2v1h-2z',
      'M7 0h2v1h-2z',
      'M9 0h2v1h-2z',
    ]);
    expect(attendedPaths(looked, 4, [0], 0)).toEqual(['M1 0h2v1h-2z', 'M3 0h1v1h-1z', '', '', '']);
  });

  test('nothing, where nothing was said yet or the single heads were left out', () => {
    expect(attendedPaths(frame, 5, [0])).toEqual([]);
    expect(attendedPaths(frameOf(['##'], { attention: { positions: [0], weights: [1] } }), 2, [0])).toEqual([]);
  });
});

test('tokens that each head holds of the first so many', () => {
  expect([countsWithin(frame, 5, 5), countsWithin(frame, 5, 4), countsWithin(frame, 5, 0)]).toEqual([
    [4, 0, 2],
    [3, 0, 1],
    [0, 0, 0],
  ]);
});

describe('blocks of 16', () => {
  const two = frameOf(['#'.repeat(20).padEnd(40, '.'), '#'.repeat(8).padEnd(40, '.')], {
    read: 20,
    blocks: Uint8Array.of(1, 0, 0),
  });

  test('as far as was read, with the share of their slots that are filled', () => {
    expect(blocksOf(two, 40, 40)).toEqual([
      { index: 0, allocated: true, fill: 24 / 32 },
      { index: 1, allocated: false, fill: 4 / 32 },
    ]);
  });

  test('tokens after the length asked for do not count', () => {
    expect(blocksOf(two, 40, 18)[1]).toEqual({ index: 1, allocated: false, fill: 2 / 32 });
    expect(blocksOf(two, 40, 16)).toHaveLength(1);
    expect(blocksOf({ ...two, read: 0 }, 40, 40)).toEqual([]);
  });
});
