import { expect, test } from 'vitest';
import { marksOf } from '../../src/state/marks.ts';

test('a word is computed anew, or kept and more or less off', () => {
  const off = [0, 0.009, 0.01, 0.1, 0.3, 2, 0.5];
  expect(marksOf({ computed: [6], off })).toBe('001234x');
  expect(marksOf({ computed: [], off: Float64Array.of(0.05) })).toBe('2');
});
