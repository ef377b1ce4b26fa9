import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { branchKinds } from '../../src/engine/world/branches.ts';
import Branches from '../../src/figures/Branches.svelte';
import type { BranchesFound } from '../../src/state/studies/branches.ts';

/** Two texts: equal prompts answer alike, a changed fact does not; of one that is shuffled, one passes, and both would answer alike. */
const alike = { sigma: 1, kl: 0, same: true };
const other = { sigma: 0.99, kl: 9, same: false };
const found: BranchesFound = {
  texts: 2,
  branches: Object.fromEntries(
    branchKinds.map((kind) => [
      kind,
      kind === 'fact'
        ? [other, other]
        : kind === 'shuffled'
          ? [alike, { ...alike, sigma: 0.5 }]
          : kind === 'other'
            ? [
                { ...other, sigma: 0.4 },
                { ...other, sigma: 0.3 },
              ]
            : [alike, alike],
    ]),
  ) as unknown as BranchesFound['branches'],
  words: [
    { entropies: [4, 3, 2, 0], same: [false, false, true, true] },
    { entropies: [4, 5, 2, 0], same: [false, false, true, true] },
    { entropies: [6, 5, 5, 0], same: [false, false, false, true] },
  ],
};
const figure = (container: Element) => ({
  sentence: () => container.querySelector('.figure-sentence')!.textContent,
  dots: (row: number) =>
    [...container.querySelectorAll(`.strips section:nth-of-type(${row}) circle`)].map((dot) => dot.classList[0]),
  notes: () => [...container.querySelectorAll('.count')].map((one) => one.textContent),
  press: (key: string) =>
    container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })),
});

test('who passes the gate, and what passing does to the answer', async () => {
  const { container } = await render(Branches, { base: '/', built: JSON.stringify(found) });
  const { sentence, dots, notes } = figure(container);
  expect(sentence()).toContain(
    'At τ = 0.82 the gate lets 11 of 14 through, and 2 of these answer otherwise than with a cache of their own; of the 3 that it refuses, 1 would have answered alike. Of equal prompts 2 of 2 answer alike.',
  );
  expect(branchKinds.map((_, i) => dots(i + 1).join(' '))).toEqual([
    'good good',
    'good good',
    'good good',
    'bad bad',
    'good good',
    'good kept',
    'lost lost',
  ]);
  expect(notes()[3]).toBe('2 pass, 0 answer alike');
  expect(notes()[6]).toBe('none passes');
});

// At theta 4.1 and epsilon 3 the first word ends behind layer 2, as 3 < 4.1 and |3 - 4| < 3; the second behind layer 3, where it moved by 3.0: not below 3,
// so that it goes to the end; the third never comes below 4.1 before the end.
test('which words are said early, and whether they are the same', async () => {
  const { container, getByLabelText } = await render(Branches, { base: '/', built: JSON.stringify(found) });
  const { sentence, dots, notes, press } = figure(container);
  press(' ');
  await expect
    .poll(sentence)
    .toContain(
      'below θ = 4.1 nats and has moved by less than ε = 3.0. Of 3 words of answers 1 are said before the last layer, and 1 of these are another word',
    );
  expect(notes()).toEqual([
    'too early to leave',
    '1 leave, 0 with the same word',
    '0 leave, 0 with the same word',
    '2 go to the end',
  ]);
  expect(dots(2)).toEqual(['bad', 'lost', 'lost']);
  expect(dots(3)).toEqual(['lost', 'lost']);
  await getByLabelText('ε').fill('3.1');
  container
    .querySelector<HTMLInputElement>('input[type="number"]')!
    .dispatchEvent(new Event('change', { bubbles: true }));
  await expect
    .poll(sentence)
    .toContain('Of 3 words of answers 2 are said before the last layer, and 1 of these are another word');
  expect(dots(3)).toEqual(['good', 'lost']);
  for (let i = 0; i < 12; i++) press('ArrowLeft');
  await expect.poll(sentence).toContain('below θ = 2.9 nats');
  expect(notes()[1]).toBe('0 leave, 0 with the same word');
  press(' ');
  await expect.poll(sentence).toContain('At τ = 0.82');
});

test('other texts are read by the model', async () => {
  const { container, getByLabelText } = await render(Branches, { base: '/', built: JSON.stringify(found) });
  const { sentence } = figure(container);
  await getByLabelText('seed of the texts').fill('40');
  container.querySelector<HTMLInputElement>('input.long')!.dispatchEvent(new Event('change', { bubbles: true }));
  await expect.poll(sentence).toBe('The model reads the texts.');
  await expect
    .poll(sentence, { timeout: 30_000 })
    .toContain('Of equal prompts 16 of 16 answer alike. Measured here on 16 texts.');
}, 60_000);
