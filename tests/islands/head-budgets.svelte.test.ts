import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Config } from '../../src/engine/model/config.ts';
import HeadBudgets from '../../src/figures/HeadBudgets.svelte';
import { fields, packCounts, places, type HeadBudgets as Found } from '../../src/state/studies/head-budgets.ts';

const config = { layers: 2, kvHeads: 2 } as Config;
/** Of 160 tokens each head has as many entries as there are percent; without a whole safeguard the first has twenty more, and the last twenty less. */
const counts = places(fields.keep).flatMap((keep) =>
  places(fields.safeguard).flatMap((safeguard) =>
    safeguard < 100 ? [keep + 20, keep, keep, Math.max(0, keep - 20)] : [keep, keep, keep, keep],
  ),
);
const built = JSON.stringify({ tokens: 160, counts: packCounts(counts) } satisfies Found);

test('the sliders move all heads at once, space takes another kind of table, and the sentence says what is empty', async () => {
  const { container } = await render(HeadBudgets, { base: '/', config, built });
  const says = () => container.querySelector('.figure-sentence')!.textContent;
  const held = (column: number) =>
    [...container.querySelectorAll(`.pair section:nth-child(${column}) .held`)].map((path) => path.getAttribute('d'));
  const press = (key: string) =>
    container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  expect(held(1)).toEqual([45, 25, 25, 5].map((count) => `M0 0.5h${count}`));
  expect(held(2)).toEqual(new Array(4).fill('M0 0.5h25'));
  // 45 entries need 3 blocks, so all four heads hold 3 of 10: 100 entries in 192 slots.
  expect(says()).toContain('AdaKV gives the 4 heads 5 to 45 entries, even heads have 25 each');
  expect(says()).toContain(
    'AdaKV holds 3 of 10 blocks a head, 48 % of their slots empty; even heads hold 2, 22 % empty',
  );
  press(' ');
  await expect.poll(says).toContain('With a table for each layer AdaKV holds 2.5 of 10');
  press(' ');
  // 3, 2, 2 and 1 blocks: 100 entries in 128 slots.
  await expect
    .poll(says)
    .toContain('With a table for each head AdaKV holds 2 of 10 blocks a head, 22 % of their slots empty');
  press('ArrowRight');
  await expect.poll(() => held(2)).toEqual(new Array(4).fill('M0 0.5h30'));
  const [, safeguard] = container.querySelectorAll<HTMLInputElement>('input[type=range]');
  safeguard!.value = '100';
  safeguard!.dispatchEvent(new Event('input', { bubbles: true }));
  await expect.poll(() => held(1)).toEqual(new Array(4).fill('M0 0.5h30'));
  expect(says()).toContain('AdaKV gives the 4 heads 30 entries');
});
