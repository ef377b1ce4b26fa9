import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Config } from '../../src/engine/model/config.ts';
import KeyMap from '../../src/figures/KeyMap.svelte';
import { Rope } from '../../src/engine/model/rope.ts';
import { foundOf, keysView, keyTokens } from '../../src/state/studies/keys.ts';

const config = { layers: 4, kvHeads: 4, headDim: 32, ropeTheta: 10_000 } as Config;
/** Channel 3 is large in every token. */
const keys = Float32Array.from({ length: keyTokens * 32 }, (_, i) => (i % 32 === 3 ? 10 : Math.sin(i * 1.7)));
const built = JSON.stringify(foundOf(keys, keysView, config, new Rope(32, 10_000)));
const figure = (container: Element) => ({
  sentence: () => container.querySelector('.figure-sentence')!.textContent,
  lost: () =>
    [...container.querySelectorAll('section:last-of-type svg:first-child path')].map((p) => p.getAttribute('d')),
  press: (key: string) =>
    container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })),
});

test('three pictures of one head: keys, what is read back, what was lost; space turns the grid, and more is lost', async () => {
  const { container } = await render(KeyMap, { base: '/', config, built });
  const { sentence, lost, press } = figure(container);
  expect(container.querySelectorAll('.maps section')).toHaveLength(3);
  expect(container.querySelector('svg path.shade-7')!.getAttribute('d')).toContain(`M0 3h${keyTokens}`);
  expect(sentence()).toContain('KV head 1 of layer 3');
  expect(sentence()).toContain('“Scale a channel”, at 3.0 bits');
  // What comes with the page was made by hand; from here on the model's own keys are drawn.
  press('ArrowRight');
  await expect.poll(sentence, { timeout: 20_000 }).toContain('KV head 2 of layer 3');
  press('ArrowLeft');
  await expect.poll(sentence, { timeout: 20_000 }).toContain('KV head 1 of layer 3');
  const ink = () => lost().join('').length;
  const by = { channel: ink(), sentence: sentence() };
  press(' ');
  await expect.poll(sentence, { timeout: 20_000 }).toContain('“Scale a token”, at 3.0 bits');
  expect(ink()).toBeGreaterThan(by.channel);
  press(' ');
  await expect.poll(sentence, { timeout: 20_000 }).toBe(by.sentence);
}, 60_000);

test('a head that did not come with the page is read by the model', async () => {
  const { container } = await render(KeyMap, { base: '/', config, built });
  const { sentence, press } = figure(container);
  press('ArrowRight');
  await expect.poll(sentence).toBe('The model reads the text.');
  await expect.poll(sentence, { timeout: 20_000 }).toContain('KV head 2 of layer 3');
}, 30_000);
