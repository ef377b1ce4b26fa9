import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Passages from '../../src/figures/Passages.svelte';
import type { Ranked } from '../../src/state/studies/passages.ts';

const found: Ranked = {
  words: 'anna likes figs . the mill is old . boris hid the zeppelin .',
  query: 'where is the zeppelin ?',
  capitals: ['zeppelin'],
  passages: [
    { from: 1, to: 5 },
    { from: 5, to: 10 },
    { from: 10, to: 15 },
  ],
  paid: '00010000000005',
  levels: [2, 1, 16],
  places: { attention: [2, 3, 1], bm25: [0, 1, 2], keys: [3, 2, 1] },
  wanted: 2,
  questions: 3,
  tokens: { text: 15, query: 5 },
  all: { n: 3, tokens: 14, within: { attention: [3, 3, 3], bm25: [1, 3, 3], keys: [2, 3, 3] } },
  problems: [],
};
const built = JSON.stringify(found);
const figure = (container: Element) => ({
  sentence: () => container.querySelector('.figure-sentence')!.textContent,
  press: (key: string) =>
    container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })),
});

test('each passage has the ink of its attention, its places, and a wash on the words that are looked at', async () => {
  const { container } = await render(Passages, { base: '/', built });
  const passages = [...container.querySelectorAll('.passages li')];
  const levels = passages.map((one) => /ink-\d+/.exec(one.querySelector('[class*="ink-"]')!.className)![0]);
  expect(levels).toEqual(['ink-2', 'ink-1', 'ink-16']);
  const places = passages.map((one) => [...one.querySelectorAll('.places span')].map((place) => place.textContent));
  expect(places).toEqual([
    ['attention 2', 'BM25 –', 'mean keys 3'],
    ['attention 3', 'BM25 1', 'mean keys 2'],
    ['attention 1', 'BM25 2', 'mean keys 1'],
  ]);
  expect(passages[2]!.textContent.trim()).toContain('Boris hid the Zeppelin.');
  expect(passages[2]!.querySelector('.attend-5')!.textContent).toBe('.');
  expect(passages.map((one) => one.classList.contains('answers'))).toEqual([false, false, true]);
  expect(container.textContent).toContain('3 queries add 14 tokens; without the cache they would take 59 tokens.');
  expect(figure(container).sentence()).toContain(
    'pays most to passage 3 of 3, which answers. The answering passage has place 2 by BM25 and place 1 by mean keys.',
  );
});

test('arrows ask another question, and passages that are typed are ranked', async () => {
  const { container, getByLabelText, getByRole } = await render(Passages, { base: '/', built });
  const { sentence, press } = figure(container);
  press('ArrowRight');
  await expect.poll(sentence).toBe('The model reads the text.');
  await expect.poll(sentence, { timeout: 20_000 }).toContain('Measured here on the 18 questions');
  await getByLabelText('your own passages').click();
  await getByLabelText(/Passages, parted/).fill('Anna likes figs.\n\nThe Zeppelin is in the barn. <');
  await getByLabelText('Query').fill('Where is the Zeppelin?');
  await getByRole('button', { name: 'Read this' }).click();
  await expect.poll(sentence, { timeout: 20_000 }).toContain('“Where is the Zeppelin?”, 5 tokens');
  expect(container.querySelectorAll('.passages li')).toHaveLength(2);
  expect(container.querySelector('.notice')!.textContent).toContain('were left out: <');
  await getByLabelText('a generated text').click();
  await expect.poll(sentence, { timeout: 20_000 }).toContain('Measured here on the 18 questions');
}, 60_000);
