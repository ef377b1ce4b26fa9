import { expect, test } from 'vitest';
import { packedPath, sharePath, slotPath, washOf } from '../../src/figures/intent.ts';

test('kept tokens are strokes where they lie, and one stroke where they are packed', () => {
  expect(slotPath('1100101')).toBe('M0 0.5h2M4 0.5h1M6 0.5h1');
  expect(packedPath('1100101')).toBe('M0 0.5h4');
  expect(packedPath('000')).toBe('');
});

test('shares run from the foot, at 1, to the top, at 0', () => {
  expect(sharePath([0.5, 0.75, 1], [0.5, 1])).toBe('M0 1.0000L1 0.5000L2 0.0000');
});

test('ten steps of attention have five washes, and the least none', () => {
  expect(Array.from({ length: 10 }, (_, digit) => washOf(digit))).toEqual([0, 0, 1, 2, 2, 3, 3, 4, 4, 5]);
});
