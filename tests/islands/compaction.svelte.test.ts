import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Config } from '../../src/engine/model/config.ts';
import Compaction from '../../src/figures/Compaction.svelte';
import type { CompactionResult, Packed } from '../../src/state/studies/compaction.ts';

const config = { layers: 1, kvHeads: 2, headDim: 32 } as Config;
const packed = (moves: string[], more: Partial<Packed>): Packed => ({
  ...{ moves, rows: moves.join(' ').split(' ').filter(Boolean).length / 2, bytes: 1024, before: 8, after: 1 },
  ...{ pinned: 0, scrambled: 0, ...more },
});
/** Two heads of three entries each; in order four rows move, into holes three. AdaKV gives one head five and the other one. */
const result: CompactionResult = {
  held: { equal: ['0 20 100', '1 2 127'], adakv: ['0 20 40 60 100', '1'] },
  packed: {
    equal: {
      order: packed(['20 1 100 2', '1 0 2 1 127 2'], {}),
      holes: packed(['20 1 100 2', '127 0'], { scrambled: 2 }),
    },
    adakv: {
      order: packed(['20 1 40 2 60 3 100 4', '1 0'], { pinned: 4 }),
      holes: packed(['20 1 40 2 60 3 100 4', '1 0'], { pinned: 4 }),
    },
  },
};

const shown = async () => {
  const { container } = await render(Compaction, { base: '/', config, built: JSON.stringify(result) });
  return {
    container,
    sentence: () => container.querySelector('.figure-sentence')!.textContent,
    path: (name: string, panel: number) =>
      container.querySelectorAll('section')[panel]!.querySelector(`path.${name}`)?.getAttribute('d'),
    press: (key: string) =>
      container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })),
  };
};

test('copies are made one by one, on one clock for both ways, and blocks go back at the end', async () => {
  const { container, sentence, path, press } = await shown();
  expect(sentence()).toContain('Knorm keeps 6 of 256 entries, 3 of each head, and they hold 8 of 8 blocks.');
  expect(sentence()).toContain('keeping the order copies 5 rows (1 KiB read and written), filling holes 3 (1 KiB)');
  expect(sentence()).toContain('Blocks that stay either way: 1; with AdaKV’s unequal counts 1, with 4 rows');
  press('Home');
  await expect.poll(sentence).toContain('Shown after 0 copies.');
  expect([path('moved', 0), path('now', 0)]).toEqual(['', undefined]);
  press('ArrowRight');
  await expect.poll(sentence).toContain('Shown after 1 copy.');
  expect(path('moved', 0)).toBe('M1.1 0.12h.8v.76h-.8z');
  expect(path('now', 0)).toBe('M20.5 0.5H1.5');
  for (let i = 0; i < 2; i++) press('ArrowRight');
  // The third copy is the last one into a hole: those blocks are back, and the others not yet.
  await expect.poll(() => container.querySelectorAll('section:nth-of-type(2) .back').length).toBe(7);
  expect(container.querySelectorAll('section:nth-of-type(1) .back')).toHaveLength(0);
  press('End');
  await expect.poll(sentence).not.toContain('Shown');
  expect(container.querySelectorAll('section:nth-of-type(1) .back')).toHaveLength(7);
});

test('unequal counts change the picture at once', async () => {
  const { container, sentence } = await shown();
  container.querySelector<HTMLInputElement>('input[type="checkbox"]')!.click();
  await expect.poll(sentence).toContain('Knorm with AdaKV’s counts keeps 6 of 256 entries, from 1 to 5 of a head');
  expect(sentence()).toContain(
    'Blocks that stay either way: 1, with 4 rows in them pinned empty; with equal counts 1.',
  );
});
