import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Config } from '../../src/engine/model/config.ts';
import Reroute from '../../src/figures/Reroute.svelte';
import type { Rerouted } from '../../src/state/studies/reroute.ts';

/** Layers 2 and 3 take "mill" back, of which the sentence that answers is made. */
const built = JSON.stringify({
  words: ['<bos>', 'the', 'mill', 'is', 'old'],
  sentence: [1, 3],
  reroute: { held: 'f3cf3', answer: '22 27', right: true },
  remove: { held: 'ff0f0', answer: 'fog', right: false },
  count: 3,
  sums: { reroute: { right: 11, kl: 0.1 }, remove: { right: 2, kl: 60 } },
  wanted: 40,
  gone: 10,
  texts: 12,
} satisfies Rerouted);

test('two sheets of the same words, with the layers of each; a word that came back stands out', async () => {
  const { container } = await render(Reroute, { base: '/', config: { layers: 4 } as Config, built });
  const sheets = [...container.querySelectorAll('.sheets section')];
  const drawn = (sheet: Element) => [...sheet.querySelectorAll('li path')].map((path) => path.getAttribute('d'));
  expect(sheets.map(drawn)).toEqual([
    ['M0 0.5h4', '', 'M0 0.5h4', ''],
    ['M0 0.5h2', 'M2 0.5h2', 'M0 0.5h4', 'M0 0.5h2'],
  ]);
  expect([...container.querySelectorAll('li .back')].map((word) => word.textContent)).toEqual(['mill']);
  expect(container.querySelectorAll('li .fact')).toHaveLength(4);
  expect(container.querySelector('.said .wrong')!.textContent).toBe('fog');
  const says = () => container.querySelector('.figure-sentence')!.textContent;
  expect(says()).toContain('1 comes back, and the answer is right; where it is deleted, the answer is wrong');
  expect(says()).toContain(
    '12 texts: 11 and 2 right. Of the tokens that the last stage chooses, 25 % had been deleted',
  );
  container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true }));
  await expect.poll(says).toBe('The model reads the text.');
});
