import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Words from '../../src/figures/Words.svelte';

const prompt = {
  words: ['<bos>', 'the', 'code', 'for', 'the', 'mill', 'is', '22', '27', '.', 'anna', 'waited', '.', 'where', '?'],
  compressedAt: 13,
  textLength: 13,
  question: ['where', '?'],
  questions: 1,
  expected: undefined,
  capitals: [],
  needed: [5, 7, 8],
  sentence: [1, 10] as const,
  problems: [],
};
const levels = (fill: number) => new Uint8Array(32).fill(fill);

test('a word carries its ink, its precision and its attention, and the text reads as prose', async () => {
  const level = levels(16);
  level[2] = 0;
  const low = levels(0);
  low[3] = 1;
  const attention = levels(0);
  attention[5] = 4;
  const screen = await render(Words, { prompt, ink: { level, low }, attention, bits: 2, read: 13 });
  const words = screen.container.querySelector('.lane-words')!;
  expect(words.textContent.replace(/\s+/g, ' ').trim()).toBe('The code for the mill is 22 27. Anna waited.');
  const classOf = (text: string) =>
    [...words.querySelectorAll('span')].find((span) => span.textContent.trim() === text && !span.children.length)!
      .className;
  expect(classOf('code')).toMatch(/^ink-0( |$)/);
  expect(classOf('for')).toMatch(/^ink-16 ink-low bits-2( |$)/);
  expect(words.querySelector('.attend-4')!.textContent.trim()).toBe('mill');
  expect(words.querySelector('.fact')!.textContent.trim()).toBe('The code for the mill is 22 27.');
});

test('what has not been read yet takes its place without being seen', async () => {
  const screen = await render(Words, {
    prompt,
    ink: { level: levels(16), low: levels(0) },
    attention: levels(0),
    bits: undefined,
    read: 4,
  });
  expect(screen.container.querySelectorAll('.unread').length).toBe(9);
});
