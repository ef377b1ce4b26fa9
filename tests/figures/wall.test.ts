import { expect, test } from 'vitest';
import { overAt, wallSentence, wrongFrom } from '../../src/figures/wall.ts';
import type { Wall } from '../../src/state/studies/wall.ts';

const way = (held: number, right: boolean) => ({ held, answer: right ? 'figs' : 'tea', right, p: Number(right) });

/** Visits after 2, 5 and 9 sentences: everything outgrows the memory of 32; the window is wrong once, and right again; the third from the second visit on. */
const wall: Wall = {
  fact: 'anna likes figs .',
  question: 'what does anna like ?',
  answer: 'figs',
  visits: [
    { tokens: 10, frames: 2, ways: [way(10, true), way(10, true), way(10, true), way(4, true)] },
    { tokens: 33, frames: 5, ways: [way(33, true), way(32, false), way(32.4, false), way(8, true)] },
    { tokens: 60, frames: 9, ways: [way(60, true), way(32, true), way(32, false), way(15, true)] },
  ],
};

test('when a way is over the memory, and from when on it is wrong', () => {
  expect([0, 1, 2, 3].map((one) => overAt(wall, one, 32)?.frames)).toEqual([5, undefined, undefined, undefined]);
  expect([0, 1, 2, 3].map((one) => wrongFrom(wall, one)?.frames)).toEqual([undefined, undefined, 5, undefined]);
});

test('in words', () => {
  expect(wallSentence(wall, 32)).toBe(
    'Anna likes figs. That stands at the beginning of 9 sentences, and 3 times the text is asked “What does Anna like?” With room for 32 tokens at 16 bits, “Keep everything” is right, and does not fit from sentence 5 on; “Look at less” fits, and is right; “Fold the past” fits, and is wrong from sentence 5 on; “Keep everything, cheaper” fits, and is right. Measured here.',
  );
});
