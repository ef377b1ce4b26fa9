import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Agents from '../../src/figures/Agents.svelte';
import type { AgentsResult } from '../../src/state/studies/agents.ts';

/** Two calls in blocks of 16: the second finds the first block of the first with caching, and nothing without. */
const words = Array.from({ length: 16 }, () => 'rain').join(' ');
const call = (agent: string, told: string) =>
  ({
    agent,
    turn: 1,
    parts: [
      ['system', words],
      ['new', told],
    ],
    answer: 'wet .',
    right: true,
  }) as const;
const result: AgentsResult = {
  calls: [call('A', 'it fell'), call('B', 'it stopped')],
  pools: {
    off: [
      { found: 0, lost: 0, evicted: 0, until: '1 1' },
      { found: 0, lost: 16, evicted: 0, until: '2 2' },
    ],
    on: [
      { found: 0, lost: 0, evicted: 0, until: '* 1' },
      { found: 16, lost: 0, evicted: 0, until: '* 2' },
    ],
    oracle: [
      { found: 0, lost: 0, evicted: 0, until: '* 1' },
      { found: 16, lost: 0, evicted: 0, until: '* 2' },
    ],
  },
  checked: { apart: 0, logits: 2300, work: 55, whole: 100 },
};

const shown = async (built: AgentsResult) => {
  const { container } = await render(Agents, { base: '/', built: JSON.stringify(built) });
  return {
    container,
    sentence: () => container.querySelector('.figure-sentence')!.textContent,
    path: (name: string, row: number) =>
      container.querySelectorAll('.calls svg:not(.parts)')[row]!.querySelector(`.${name}`)!.getAttribute('d'),
    press: (key: string) =>
      container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })),
  };
};

test('what a second call finds is drawn, counted and written; the choice of caching changes all three', async () => {
  const { container, sentence, path } = await shown(result);
  expect(sentence()).toContain(
    'All 2 calls ask for 36 prompt tokens, with room for 400. With prefix caching, 16 of them',
  );
  expect(sentence()).toContain(
    'with 55 % of the multiply-accumulates, leave all 2,300 logits the same to the last bit',
  );
  expect(path('found', 1)).toContain('M0 0h15');
  expect(container.querySelector('.prompt .found')!.textContent).toMatch(/^Rain rain/);
  container.querySelector<HTMLInputElement>('input[value="off"]')!.click();
  await expect.poll(sentence).toContain('Without prefix caching, 0 of them were there and 36 are computed, 16 not for');
  expect(path('found', 1)).toBe('');
  expect(path('again:not(.gone)', 1)).toContain('M0 0h15');
  expect(path('gone', 0)).toContain('M0 0h15');
});

test('the clock goes from call to call by keys, and nothing stands there before the first', async () => {
  const { container, sentence, press } = await shown(result);
  press('Home');
  await expect.poll(sentence).toBe('No call has come yet. The pool has room for 400 tokens, in blocks of 16.');
  expect(container.querySelectorAll('.calls svg path[d*="M"]')).toHaveLength(0);
  press('ArrowRight');
  await expect.poll(sentence).toContain('The first 1 of 2 calls');
  expect(container.querySelector('.head')!.textContent).toBe('A, call 1');
});

test.each([
  [1e-6, 'move a logit by up to 0.000001'],
  [Infinity, 'move a logit by up to null'],
])('logits that differ by %d are not called the same', async (apart, says) => {
  const { sentence } = await shown({ ...result, checked: { ...result.checked!, apart } });
  expect(sentence()).toContain(says);
});
