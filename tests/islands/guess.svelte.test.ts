import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Guess from '../../src/figures/Guess.svelte';
import { guessers, type GuessResult } from '../../src/state/studies/guess.ts';

/** Four chunks of two words. Each guesser has the first chunk near and one other, the one who knows the one that is looked at. */
const near = { lru: '1001', qk: '1100', drafter: '1100', lookahead: '1000', oracle: '1010' };
const choices = Object.fromEntries(
  guessers.map((name) => [name, { scores: [100, 20, 40, 80], near: near[name] }]),
) as unknown as GuessResult['moments'][number]['choices'];
const result: GuessResult = {
  words: ['<bos>', 'it', 'was', 'late', 'tea', 'is', 'here', '.'],
  capitals: [],
  size: 2,
  asked: 3,
  moments: [
    { next: ['where', 'is', 'tea'], paid: [500, 50, 400, 50], choices },
    { next: ['here'], paid: [400, 0, 600, 0], choices },
  ],
};

const figure = (container: Element) => ({
  sentence: () => container.querySelector('.figure-sentence')!.textContent,
  cells: () => [...container.querySelectorAll('tbody tr:nth-child(2) td')].map((cell) => cell.textContent),
  missed: () => container.querySelectorAll('rect.paid.away').length,
  press: (key: string) =>
    container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })),
});

test('what was looked at and not near is hollow, and named; space asks the next guesser, arrows go to other words', async () => {
  const { container } = await render(Guess, { base: '/', built: JSON.stringify(result) });
  const { sentence, cells, missed, press } = figure(container);
  // The link says the second moment.
  expect(sentence()).toContain('Before the next words, “here”, mean keys (qk)');
  expect(sentence()).toContain(
    'That holds 40 % of what these words then look at. What is missed most is “tea is”, with 60 %.',
  );
  expect(sentence()).toContain('who knows what comes (oracle) 100 %');
  expect(missed()).toBe(1);
  press('ArrowLeft');
  await expect.poll(sentence).toContain('“where is tea”');
  // Half and a twentieth are near.
  expect(sentence()).toContain('That holds 55 %');
  expect(cells()).toEqual(['40 %', 'missed', 'missed', 'missed', 'missed', 'near']);
  expect(missed()).toBe(2);
  for (let i = 0; i < 3; i++) press(' ');
  await expect.poll(sentence).toContain('who knows what comes (oracle) may have');
  expect(sentence()).toContain('That holds 90 %');
});

test('another text is read by the model', async () => {
  const { container } = await render(Guess, { base: '/', built: JSON.stringify(result) });
  const { sentence } = figure(container);
  const seed = [...container.querySelectorAll<HTMLInputElement>('input[type=number]')].at(-1)!;
  seed.value = '2';
  seed.dispatchEvent(new Event('change', { bubbles: true }));
  await expect.poll(sentence).toBe('The model reads the text.');
  await expect.poll(sentence, { timeout: 20_000 }).toContain('one text of 256 words');
}, 30_000);
