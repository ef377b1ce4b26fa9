/** While many words change at once they are drawn by a veil over the text; once they rest, by their classes. Both must look alike. */
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../src/styles/site.css';
import Words from '../../src/figures/Words.svelte';
import { settle } from '../../src/figures/resting.ts';
import type { ShownPrompt } from '../../src/state/compare.ts';

const count = 200;
const prompt: ShownPrompt = {
  words: ['<bos>', ...Array.from({ length: count }, (_, i) => (i % 9 === 8 ? '.' : 'xyzzy')), 'where', '?'],
  compressedAt: count + 1,
  textLength: count + 1,
  question: ['where', '?'],
  turns: [],
  questions: 1,
  expected: undefined,
  capitals: [],
  needed: [],
  sentence: [10, 19],
  problems: [],
  events: [],
  reused: 0,
  spliced: 0,
  work: 0,
};
const none = () => new Uint8Array(count + 20);
const ink = (level: (i: number) => number) => ({ level: none().map((_, i) => level(i)), bits: none() });
const whole = { prompt, ink: ink(() => 16), attention: none(), read: count + 1, encodes: false };
const faded = { ...whole, ink: ink((i) => i % 17) };

const wordsOf = (container: Element) => [...container.querySelectorAll<HTMLElement>('.lane-words > span > span')];
const classes = (container: Element) => wordsOf(container).map(({ className }) => className);
const veilOf = (container: Element) => container.querySelector<HTMLCanvasElement>('.veil')!;
const veiled = (container: Element) => container.querySelector('.veiled') !== null;

/** The paint over the middle of a word: red, green, blue and how opaque it is. */
function paintOver(container: Element, word: HTMLElement): number[] {
  const canvas = veilOf(container);
  const [box, over] = [word.getBoundingClientRect(), canvas.getBoundingClientRect()];
  const at = (length: number) => Math.round(length * devicePixelRatio);
  const [x, y] = [at(box.x + box.width / 2 - over.x), at(box.y + box.height / 2 - over.y)];
  return [...canvas.getContext('2d')!.getImageData(x, y, 1, 1).data];
}

/** A colour of CSS as the screen shows it. */
function shown(colour: string): number[] {
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d')!;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

beforeAll(() => document.fonts.ready);
beforeEach(() => {
  settle();
});

async function dragged(change: object = faded) {
  const { container, rerender } = await render(Words, whole);
  container.classList.add('lane-view');
  await rerender(change);
  return { container, rerender };
}

describe.each(['light', 'dark'])('on %s paper', (theme) => {
  test('the veil leaves of each word the ink that its class has', async () => {
    document.documentElement.dataset['theme'] = theme;
    await new Promise((resolve) => setTimeout(resolve));
    const { container } = await dragged();
    expect(veiled(container)).toBe(true);
    const words = wordsOf(container);
    const paint = words.map((word) => paintOver(container, word));
    const full = shown(getComputedStyle(words[0]!).color);
    settle();
    words.forEach((word, i) => {
      const [r, g, b, a] = paint[i]!;
      const under = [r!, g!, b!].map((part, k) => (part * a! + full[k]! * (255 - a!)) / 255);
      shown(getComputedStyle(word).color).forEach((part, k) => expect(Math.abs(part - under[k]!)).toBeLessThan(5));
    });
  });
});

test('words that many others change with have their classes once they rest, and the veil is gone', async () => {
  const { container } = await dragged();
  expect(classes(container)).toEqual(new Array<string>(count).fill('ink-16'));
  await expect.poll(() => veiled(container)).toBe(false);
  expect(classes(container)).toEqual(Array.from({ length: count }, (_, i) => `ink-${(i + 1) % 17}`));
  expect([veilOf(container).width, veilOf(container).height, veilOf(container).hasAttribute('style')]).toEqual([
    0,
    0,
    false,
  ]);
});

test('a second step paints what changed, and what is not read is hidden', async () => {
  const { container, rerender } = await dragged();
  await rerender({ ...whole, ink: ink((i) => (i === 50 ? 0 : 16)), read: count - 10 });
  const over = wordsOf(container).map((word) => paintOver(container, word)[3]!);
  expect(over.slice(0, 49).every((alpha) => alpha === 0)).toBe(true);
  expect(over[49]).toBeGreaterThan(150);
  expect(over.slice(-11)).toEqual(new Array<number>(11).fill(255));
});

test('a word with a wash keeps it, and its own ink', async () => {
  const { container } = await dragged({ ...faded, attention: none().fill(4, 20, 21) });
  const word = wordsOf(container)[19]!;
  expect(word.className).toBe('ink-3 attend-4');
  expect(paintOver(container, word)[3]).toBe(0);
  expect(getComputedStyle(word).color).not.toBe(getComputedStyle(wordsOf(container)[18]!).color);
});

test('a page that is printed is at rest', async () => {
  const { container } = await dragged();
  expect(veiled(container)).toBe(true);
  dispatchEvent(new Event('beforeprint'));
  expect(veiled(container)).toBe(false);
  expect(classes(container)[2]).toBe('ink-3');
});

test('few words that change need no veil', async () => {
  const { container } = await dragged({ ...whole, ink: ink((i) => (i < 9 ? 3 : 16)) });
  expect(veiled(container)).toBe(false);
  expect(classes(container)[2]).toBe('ink-3');
});

test('forced colours have none', async () => {
  const match = vi.spyOn(window, 'matchMedia').mockReturnValue({ matches: true } as MediaQueryList);
  const { container } = await dragged();
  expect(veiled(container)).toBe(false);
  expect(classes(container)[2]).toBe('ink-3');
  match.mockRestore();
});
