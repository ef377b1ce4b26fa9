import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Intent from '../../src/figures/Intent.svelte';
import { decays, type Intent as Found, type Moment, type Shares } from '../../src/state/studies/intent.ts';

/** Four words and then a question of two words, four times; behind the k-th place of the slider the memory keeps one word more. */
const words = ['<bos>', 'a', 'mill', '.', ...Array.from({ length: 4 }, (_, i) => [`q${i}`, '?']).flat()];
const ends = [4, 6, 8, 10, 12];
const sets = [0, ...decays.map((_, i) => Math.min(3, i))];
const moment = (tokens: number): Moment => ({
  tokens,
  kept: sets.map((more) => `1${'1'.repeat(more)}`.padEnd(tokens, '0')),
  found: sets.map((more) => 1 + more),
  looks: '0090'.padEnd(tokens, '0'),
});
const shares: Shares = { kept: sets.map((more) => 0.1 + more / 10), chance: 0.3, best: 0.9 };
const built = JSON.stringify({
  ...{ words, ends, moments: [6, 8, 10].map(moment), texts: 12 },
  ...{ own: [shares, shares, shares], mean: [shares, shares, shares] },
} satisfies Found);

test('two columns of the same words; the slider changes what the memory keeps, and arrows the turn', async () => {
  const { container } = await render(Intent, { base: '/', built });
  const says = () => container.querySelector('.figure-sentence')!.textContent;
  const inked = () =>
    [...container.querySelectorAll('.pair section')].map((one) => one.querySelectorAll('.ink-16').length);
  expect(inked()).toEqual([0, 1]);
  expect(container.querySelectorAll('.attend-5')).toHaveLength(2);
  expect(says()).toContain('Turn 4, which asks the first question again, finds 20 %');
  expect(says()).toContain('finds 10 of its 10 tokens again behind dead slots, and 2 where survivors were packed');
  const slider = container.querySelector<HTMLInputElement>('input[type=range]')!;
  slider.value = '1.5';
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  await expect.poll(says).toContain('Turn 4, which asks the first question again, finds 40 %');
  expect(inked()).toEqual([0, 3]);
  container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }));
  await expect.poll(says).toContain('Turn 3 finds 40 %');
  expect(container.querySelector('.turns .next')!.textContent).toBe('Q2?');
});
