import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { repairs } from '../../src/engine/measure/repairs.ts';
import Edit from '../../src/figures/Edit.svelte';
import type { EditFound, EditRow } from '../../src/state/studies/edit.ts';

/** "the code for the mill is 22 27 ." became the barn's; a correction brings all back, the word alone nothing. */
const row = (change: Partial<EditRow>): EditRow => ({
  answer: '22 27',
  recovery: 1,
  cost: 1,
  marks: '00000xxxxx',
  same: 20,
  meanRecovery: 1,
  meanCost: 1,
  ...change,
});
const wrong = { answer: '40 41', recovery: 0, same: 0 };
const found: EditFound = {
  words: '<bos> the code for the barn is 22 27 .',
  at: 5,
  old: 'mill',
  question: 'what is the code for the barn ?',
  erratum: 'the code for the barn is 22 27 .',
  texts: 20,
  rows: {
    stale: row({ ...wrong, cost: 0, marks: '0000040340' }),
    field: row({ ...wrong, recovery: -0.004, marks: '00000x0340' }),
    erratum: row({ cost: 8, marks: '0000040340' }),
    both: row({ cost: 9, marks: '00000x0340' }),
    chance: row({ ...wrong, same: 2, cost: 5, marks: '00000xx34x' }),
    chosen: row({ cost: 5, marks: '00000x0xx0' }),
    full: row({ cost: 5, marks: '00000xxxxx' }),
  },
};
const figure = (container: Element) => ({
  sentence: () => container.querySelector('.figure-sentence')!.textContent,
  looks: () =>
    [...container.querySelectorAll('.marked span[class]')].map(
      (one) => `${one.textContent} ${/anew|off-\d/.exec(one.className)![0]}`,
    ),
  press: (key: string) =>
    container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })),
});

test('the text tells the old word and the new one, what was computed, and what is off', async () => {
  const { container, getByLabelText } = await render(Edit, { base: '/', built: JSON.stringify(found) });
  const { sentence, looks } = figure(container);
  expect(container.querySelector('.marked')!.textContent.trim()).toBe('The code for the mill barn is 22 27.');
  expect(container.querySelector('.marked s')!.textContent).toBe('mill');
  expect(looks()).toEqual(['The code for the off-0', 'barn anew', 'is off-0', '22 off-3', '27 off-4', '. off-0']);
  expect(sentence()).toContain('With the word computed, the cache answers “40 41”; read anew it answers “22 27”.');
  expect(sentence()).toContain(
    'the word alone brings 0 of the answers back, with the 4 words that are most off 20, with 4 by chance 2.',
  );
  expect(sentence()).toContain('The model had noted the old word in the words behind it.');
  expect([...container.querySelectorAll('tbody tr')].map((one) => one.querySelectorAll('td')[2]!.textContent)).toEqual([
    '0.00',
    '−0.00',
    ...repairs.slice(2).map((name) => (name === 'chance' ? '0.00' : '1.00')),
  ]);
  await getByLabelText('a correction at the end').click();
  expect(looks()[1]).toBe('barn off-4');
  expect(container.querySelector('.marked')!.textContent.trim()).toBe('The code for the mill barn is 22 27.');
  expect(container.querySelector('.line')!.textContent).toBe('The code for the barn is 22 27.');
  expect(sentence()).toContain('With a correction at the end computed, the cache answers “22 27”');
});

test('arrows try other repairs, around the end; the model corrects another text', async () => {
  const { container, getByLabelText } = await render(Edit, { base: '/', built: JSON.stringify(found) });
  const { sentence, press } = figure(container);
  press('ArrowLeft');
  await expect.poll(sentence).toContain('With nothing computed');
  press('ArrowLeft');
  await expect.poll(sentence).toContain('With all from the word on computed');
  await getByLabelText('most off').fill('1');
  container
    .querySelector<HTMLInputElement>('input[type="number"]')!
    .dispatchEvent(new Event('change', { bubbles: true }));
  await expect.poll(sentence).toBe('The model reads the texts.');
  await expect
    .poll(sentence, { timeout: 30_000 })
    .toMatch(/Measured here on 20 texts: .* with the word that is most off/);
}, 60_000);
