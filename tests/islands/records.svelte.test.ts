import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Records from '../../src/figures/Records.svelte';
import { lanes, type Found } from '../../src/state/studies/records.ts';

const answers = (...right: boolean[]) =>
  right.map((one, i) => ({ lane: lanes[i]!, answer: one ? '22 27' : '', right: one }));
const found: Found = {
  question: 'what is the code for the mill ?',
  questions: 4,
  records: 448,
  bits: 1,
  // Eight are read: the third scores high and is missed, the last is read instead.
  searched: Array.from({ length: 9 }, (_, i) => ({
    token: 10 + i,
    word: `w${i}`,
    truth: 90 - 10 * i,
    recovered: i === 2 ? -5 : 30,
    read: i !== 2,
    paid: i ? 0.1 : 0.2,
  })),
  hit: 7,
  attention: 0.9,
  key: {
    token: 10,
    word: 'w0',
    truth: Array.from({ length: 32 }, (_, c) => (c % 2 ? -1 : 3)),
    recovered: Array.from({ length: 32 }, (_, c) => (c % 2 ? -2 : 2)),
    codes: Array.from({ length: 32 }, (_, c) => 1 - (c % 2)),
  },
  beyond: [
    { length: 1024, question: 'q ?', expected: '22 27', answers: answers(true, true, true) },
    { length: 2048, question: 'q ?', expected: '22 27', answers: answers(false, false, true) },
  ],
};
const built = JSON.stringify(found);

test('bits, scores, what was missed, and answers beyond the window are drawn as they were found', async () => {
  const { container } = await render(Records, { base: '/', built });
  expect(container.querySelectorAll('.bits .set')).toHaveLength(16);
  expect(container.querySelectorAll('.bits .unset')).toHaveLength(16);
  const states = [...container.querySelectorAll('.search li')].map((one) => one.querySelector('.state')!.textContent);
  expect(states).toEqual(['read', 'read', 'missed', 'read', 'read', 'read', 'read', 'read', 'read instead']);
  const cells = [...container.querySelectorAll('tbody td')].map((cell) => cell.textContent.replace(/\s+/g, ' ').trim());
  expect(cells.slice(3)).toEqual(['nothing wrong', 'nothing wrong', '22 27 right']);
  expect(container.querySelector('.figure-sentence')!.textContent).toContain(
    'it misses 1; what it reads would get 90 % of the attention to records. At 2,048 tokens, beyond what the model was trained on, the full cache answers nothing, wrong; records in new positions “22 27”, right.',
  );
});

test('space turns to records of 4 bits, which the worker writes', async () => {
  const { container } = await render(Records, { base: '/', built });
  const sentence = () => container.querySelector('.figure-sentence')!.textContent;
  container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true }));
  await expect.poll(sentence).toBe('The model reads the text.');
  await expect.poll(sentence, { timeout: 20_000 }).toContain('records of at most 40 bytes, 4 bits a number');
  expect(container.querySelectorAll('.bits rect')).toHaveLength(128);
}, 40_000);
