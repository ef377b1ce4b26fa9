import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { choices, shares } from '../../src/engine/measure/blends.ts';
import Splice from '../../src/figures/Splice.svelte';
import type { SpliceCell, SpliceFound } from '../../src/state/studies/splice.ts';

/** "anna took the key to the | barn ." of which a share is computed anew: the most off bring the answer back from the first step on, any only at the end. */
const cell = (right: boolean, step: number): SpliceCell => ({
  answer: right ? 'barn' : 'mill',
  kl: right ? 0 : 9,
  computed: step === 0 ? 0 : step === shares.length - 1 ? 2 : 1,
  marks: step === 0 ? '000000042' : step === shares.length - 1 ? '0000000xx' : '0000000x2',
  same: right ? 12 : 1,
  meanKl: right ? 0 : 9,
});
const found: SpliceFound = {
  words: '<bos> anna took the key to the barn .',
  at: 7,
  question: 'where is the key ?',
  whole: 'barn',
  texts: 12,
  cells: Object.fromEntries(
    choices.map((choice) => [
      choice,
      shares.map((_, step) => cell(choice === 'chance' ? step === shares.length - 1 : step > 0, step)),
    ]),
  ) as unknown as SpliceFound['cells'],
};
const figure = (container: Element) => ({
  sentence: () => container.querySelector('.figure-sentence')!.textContent,
  press: (key: string) =>
    container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })),
});

test('a bar where the chunk begins, what of it was computed anew, and the counts of all choices', async () => {
  const { container } = await render(Splice, { base: '/', built: JSON.stringify(found) });
  const { sentence, press } = figure(container);
  const marked = container.querySelector('.marked')!;
  expect(marked.querySelector('.seam')!.nextElementSibling!.textContent).toBe('barn');
  expect(marked.querySelector('.anew')!.textContent).toBe('barn');
  expect(container.querySelector('.answer')!.textContent).toBe('Barn');
  expect(sentence()).toContain(
    'With the 15\u00a0% of its words that are most off computed anew, the cache answers “Barn”',
  );
  expect(sentence()).toContain(
    '1 with none of it computed anew; at 15\u00a0%, 12 with the most off, 12 with the most off deeper, 12 with the first and 1 with any.',
  );
  expect([...container.querySelectorAll('tbody tr:last-child td')].map((td) => td.textContent)).toEqual(
    [1, 1, 1, 1, 1, 1, 12].map(String),
  );
  for (let i = 0; i < 5; i++) press('ArrowLeft');
  await expect.poll(sentence).toContain('With none of its words computed anew, the cache answers “Mill”');
  expect(container.querySelector('.answer')!.classList.contains('wrong')).toBe(true);
  expect(container.querySelector('.verdict')!.textContent).toBe('the whole text: Barn');
  expect(marked.querySelector('.anew')).toBe(null);
});

test('space turns to another choice, and keys that are not turned are asked of the model', async () => {
  const { container, getByRole } = await render(Splice, { base: '/', built: JSON.stringify(found) });
  const { sentence, press } = figure(container);
  for (const _ of choices.slice(1)) press(' ');
  await expect.poll(sentence).toContain('With any 15\u00a0% of its words computed anew, the cache answers “Mill”');
  await getByRole('combobox', { name: 'keys' }).selectOptions('as they were');
  await expect.poll(sentence).toBe('The model reads the texts.');
  await expect.poll(sentence, { timeout: 30_000 }).toContain('put in with its keys as they were');
  await expect.poll(sentence, { timeout: 30_000 }).toContain('Measured here on 12 texts');
}, 60_000);
