import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import UpperBounds from '../../src/figures/UpperBounds.svelte';
import type { BoundsResult } from '../../src/state/studies/upper-bounds.ts';

/** Three pages of 16 words and two channels. The bound of the last is the highest, the best key is in the second. */
const result: BoundsResult = {
  words: ['<bos>', ...Array.from({ length: 47 }, (_, i) => `w${i + 1}`)],
  capitals: [],
  question: ['where', '?'],
  asking: ['mill', '.'].map((word, i) => ({
    word,
    bounds: [2, 9, 10],
    peaks: [1, 8, 3],
    best: [1, 20, 40],
    paid: i ? [900, 50, 50] : [10, 950, 40],
    channels: ['-1 1 0.5 0 1 0.5', '-2 4 3.5 -1 5 4.5', '0 5 1 0 5 2'],
  })),
};

const figure = (container: Element) => ({
  sentence: () => container.querySelector('.figure-sentence')!.textContent,
  words: () => container.querySelector('.words')!.textContent,
  read: () => [...container.querySelectorAll('g')].map((page) => page.classList.contains('read')),
  press: (key: string) =>
    container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })),
});

test('pages with the highest bounds are read; the arrows look into another, space asks for the next word', async () => {
  const { container } = await render(UpperBounds, { base: '/', built: JSON.stringify(result) });
  const { sentence, words, read, press } = figure(container);
  expect(read()).toEqual([false, true, true]);
  // 950 and 40 of 1000; with true scores the same two. Bounds are 1, 1 and 7 above.
  expect(sentence()).toContain('the 2 pages of 16 tokens with the highest bounds, of 3, have 99 %');
  expect(sentence()).toContain('3.0 above it on average; the highest is that of another page');
  expect(words()).toContain('Page 2, place 2 of 3:');
  expect(container.querySelector('.words b')!.textContent).toBe('w20');
  expect(container.textContent!.replace(/\s+/gu, ' ')).toContain(
    '9.0; those of its best key, “w20”, are the lines in ink, 8.0.',
  );
  press('ArrowLeft');
  await expect.poll(words).toContain('Page 3, place 1 of 3:');
  press(' ');
  await expect.poll(sentence).toContain('looks for “.”');
  expect(sentence()).toContain('have 10 %');
});

test('one page that is read is the one with the highest bound, right or wrong', async () => {
  const { container } = await render(UpperBounds, { base: '/', built: JSON.stringify(result) });
  const { sentence, read } = figure(container);
  const top = container.querySelectorAll<HTMLInputElement>('input[type=number]')[1]!;
  top.value = '1';
  top.dispatchEvent(new Event('change', { bubbles: true }));
  await expect.poll(read).toEqual([false, false, true]);
  expect(sentence()).toContain('has 4 % of its attention to the text; chosen by true scores it would be 95 %');
});

test('pages of another size are summarised by the model', async () => {
  const { container } = await render(UpperBounds, { base: '/', built: JSON.stringify(result) });
  const { sentence, read } = figure(container);
  const size = container.querySelectorAll<HTMLInputElement>('input[type=number]')[0]!;
  size.value = '32';
  size.dispatchEvent(new Event('change', { bubbles: true }));
  await expect.poll(sentence).toBe('The model reads the text.');
  await expect.poll(sentence, { timeout: 20_000 }).toContain('2 pages of 32 tokens with the highest bounds, of 8,');
  expect(read()).toHaveLength(8);
}, 30_000);
