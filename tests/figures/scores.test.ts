import { expect, test } from 'vitest';
import { prose } from '../../src/engine/world/prose.ts';
import { nextToFall, runsOf, scoreLineOf, scoreSentence } from '../../src/figures/scores.ts';
import { frameOf } from './frames.ts';

// Two heads of four entries, of a lane with one more token behind them. Head 0 keeps its two best; head 1 has three equal scores, and keeps one of them.
const ranks = Uint16Array.of(3, 0, 2, 1, 0, 3, 0, 0);
const frame = frameOf(['#.#.#', '##..#']);

test('heights are shares of what scores lower, the cut is the share that fell, and ties on both sides of it are counted', () => {
  expect(scoreLineOf(ranks, frame, 5, [0])).toEqual({
    heights: Float64Array.of(0.75, 0, 0.5, 0.25),
    cut: 0.5,
    entries: 4,
    tied: 0,
    crossed: 0,
  });
  expect(scoreLineOf(ranks, frame, 5, [1])).toMatchObject({ cut: 0.5, tied: 1, crossed: 0 });
  const both = scoreLineOf(ranks, frame, 5, [0, 1]);
  expect([...both.heights]).toEqual([0.375, 0.375, 0.25, 0.125]);
  expect(scoreSentence(both, 2)).toBe(
    'A word’s bar is as high as the share of words that score lower, mean over 2 heads; in each head what lies under the cut fell: 2 of 4 on average. Equal scores lie on both sides of the cut in 1 of 2 heads.',
  );
});

test('a lane that does not cut by the score says so', () => {
  // Head 0 holds its lowest two.
  const line = scoreLineOf(ranks, frameOf(['.#.##', '##..#']), 5, [0]);
  expect(line).toMatchObject({ cut: 0.5, tied: 0, crossed: 1 });
  expect(scoreSentence(line, 1)).toBe(
    'A word’s bar is as high as the share of words that score lower; what lies under the cut fell: 2 of 4. Words stay that score lower than some that fell: not this score alone decides.',
  );
});

test('what was not read yet has not fallen', () => {
  const early = scoreLineOf(ranks, { ...frameOf(['##...', '##...']), read: 2 }, 5, [0, 1]);
  expect(early).toMatchObject({ cut: 0, tied: 0, crossed: 0 });
  expect(scoreSentence(early, 2)).toMatch(/; nothing has fallen\.$/);
});

test('the next to fall are the lowest of the words that stay; a line end parts no word from its full stop', () => {
  const printed = prose(['<bos>', 'the', 'mill', '.']);
  const line = scoreLineOf(ranks, frame, 5, [0]);
  expect(nextToFall(line, Uint8Array.of(16, 0, 16, 0), printed)).toBe('Lowest of what stays: “mill”.');
  expect(nextToFall(line, Uint8Array.of(16, 1, 16, 1), printed)).toBe('Lowest of what stays: “The” and “mill”.');
  expect(nextToFall(line, new Uint8Array(4), printed)).toBe('');
  const twice = prose(['<bos>', 'old', 'mill', 'mill']);
  expect(nextToFall(line, new Uint8Array(4).fill(16), twice)).toBe('Lowest of what stays: “Old” and “mill”.');
  expect(runsOf(printed)).toEqual([[1], [2, 3]]);
});
