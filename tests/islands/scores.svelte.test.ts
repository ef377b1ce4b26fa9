import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { inkOf } from '../../src/figures/ink.ts';
import Scores from '../../src/figures/Scores.svelte';
import { frameOf } from '../figures/frames.ts';
import { shownOf } from '../figures/runs.ts';

const words = ['<bos>', 'the', 'mill', 'is', 'old', '.'];
const prompt = { ...shownOf([]).prompt, words, textLength: 6, sentence: [1, 4] as const, capitals: [] };
const ranks = Uint16Array.of(5, 1, 4, 0, 3, 2);
const held = (row: string) => {
  const frame = frameOf([row]);
  return { frame, ink: inkOf(frame, 6, [0]) };
};
const props = { prompt, ranks, tokens: 6, heads: [0], ...held('#.#.##') };

test('each word stands over its bar, the cut is at one height, and what fell has lost its ink', async () => {
  const { container } = await render(Scores, props);
  const shown = [...container.querySelectorAll('.word')];
  expect(shown.map((word) => word.textContent)).toEqual(['The', 'mill', 'is', 'old', '.']);
  expect(container.querySelector('.text')!.textContent.trim()).toBe('The mill is old.');
  const heights = shown.map((word) => Number(word.querySelector('rect')!.getAttribute('height')));
  expect(heights).toEqual([1, 4, 0, 3, 2].map((rank) => rank / 6));
  // Two of six fell; the cut lies at a third, counted from the bottom.
  expect(new Set(shown.map((word) => word.querySelector('path')!.getAttribute('d')))).toEqual(
    new Set([`M0 ${1 - 1 / 3}H1`]),
  );
  expect(shown.filter((word) => word.classList.contains('ink-0')).map((word) => word.textContent)).toEqual([
    'The',
    'is',
  ]);
  expect(container.textContent).toContain('fell: 2 of 6. Lowest of what stays: “old” and “mill”.');
});

test('the bar of a word is as wide as the word and the space behind it, and stands under it', async () => {
  const { container } = await render(Scores, props);
  const word = container.querySelector('.word')!;
  const [text, line] = [document.createRange(), word.querySelector('svg')!.getBoundingClientRect()];
  text.selectNode(word.firstChild!);
  expect(line.top).toBeGreaterThanOrEqual(text.getBoundingClientRect().bottom - 4);
  expect(line.width).toBeGreaterThan(text.getBoundingClientRect().width);
  // No wider, so that words stand as they do without.
  const next = container.querySelectorAll('.word')[1]!.getBoundingClientRect();
  expect(Math.abs(next.left - line.right)).toBeLessThan(2);
});

test('a smaller budget moves the cut and not the bars', async () => {
  const screen = await render(Scores, props);
  const lines = () => [...screen.container.querySelectorAll('rect')];
  const before = lines();
  await screen.rerender(held('#...#.'));
  expect(lines()).toEqual(before);
  expect(screen.container.querySelector('path')!.getAttribute('d')).toBe(`M0 ${1 - 4 / 6}H1`);
});

test('where nothing fell there is no cut; where nothing is scored, no bar', async () => {
  const screen = await render(Scores, { ...props, ...held('######') });
  expect(screen.container.querySelector('path')).toBeNull();
  await screen.rerender({ ranks: new Uint16Array(0) });
  expect(screen.container.textContent).toContain('Nothing is scored here');
  await screen.rerender({ ranks: undefined });
  expect(screen.container.textContent).toContain('being asked for');
  expect(screen.container.querySelector('.word')).toBeNull();
});
