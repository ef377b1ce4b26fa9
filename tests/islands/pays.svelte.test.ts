import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Pays from '../../src/figures/Pays.svelte';
import { lanes, lengths, type Row } from '../../src/state/studies/pays.ts';

const kib = 1024;
/** Keeping takes 2 KiB a token. Fetching has 128 KiB near and carries 16 KiB, so that at 16 a byte it costs 384 KiB: less than keeping from 256 tokens on. */
const rows: Row[] = lengths.map((length) => ({
  length,
  n: 20,
  full: 2 * kib * length,
  right: 20,
  lanes: lanes.map((lane) => ({
    lane,
    right: 19,
    resident: 128 * kib,
    host: 2 * kib * length - 128 * kib,
    carried: lane === 'snapkv' ? 0 : 16 * kib,
  })),
}));
const built = JSON.stringify(rows);

test('where moving costs more than keeping is shaded, and said', async () => {
  const { container } = await render(Pays, { base: '/', built });
  const sentence = () => container.querySelector('.figure-sentence')!.textContent;
  expect(sentence()).toContain('KVFlash, qk costs more than keeping all near in texts shorter than 256 tokens.');
  expect(sentence()).toContain('19 right of 20 (full cache 20), 128 KiB near, 3.9 MiB with the host, 16 KiB carried');
  const shaded = () => [...container.querySelectorAll('.loses')].length;
  // Three lanes carry, at 64 and at 128 tokens.
  expect(shaded()).toBe(6);
  container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true }));
  // 144 KiB now, and 64 tokens take 128.
  await expect.poll(sentence).toContain('a byte carried counted as 1 byte read');
  expect(sentence()).toContain('shorter than 128 tokens');
  expect(shaded()).toBe(3);
});

test("a reader's own seed is measured length by length", async () => {
  const { container, getByLabelText } = await render(Pays, { base: '/', built });
  const sentence = () => container.querySelector('.figure-sentence')!.textContent;
  await getByLabelText('seed').fill('5');
  container.querySelector<HTMLInputElement>('input.long')!.dispatchEvent(new Event('change', { bubbles: true }));
  await expect.poll(sentence).toBe('The model reads the texts.');
  await expect.poll(sentence, { timeout: 40_000 }).toContain('Measured here on 1 text of 2,048 tokens');
}, 60_000);
