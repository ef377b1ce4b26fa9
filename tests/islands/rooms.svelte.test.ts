import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Event } from '../../src/engine/events.ts';
import Rooms from '../../src/figures/Rooms.svelte';
import { frameOf } from '../figures/frames.ts';
import { shownOf } from '../figures/runs.ts';

const words = ['<bos>', 'the', 'mill', 'is', 'old', '.'];
const prompt = { ...shownOf([]).prompt, words, textLength: 6, sentence: [1, 4] as const, capitals: [] };
const tick: Event = { type: 'tick', phase: 'compress' };
const events: Event[] = [
  ...[0, 1, 2, 3].map(() => tick),
  { type: 'move', layer: 0, to: 'device', moves: [Uint32Array.of(2, 0)] },
  { type: 'missed', recall: 0.75, missed: { positions: [4], weights: [0.3] } },
  { type: 'tick', phase: 'ask' },
];
const frame = frameOf(['######'], {
  host: Uint8Array.of(0, 0, 0, 1, 1, 0),
  moved: { in: 2048, out: 4096 },
  recall: 0.75,
  missed: { positions: [4], weights: [0.3] },
});

test('words stand in the room where they lie, in the order of the text; what was wanted and away is marked', async () => {
  const screen = await render(Rooms, { prompt, frame, tokens: 6, heads: [0], happened: events });
  const items = [...screen.container.querySelectorAll('li')];
  expect(items.map((item) => item.textContent.trim())).toEqual([
    'The',
    'mill',
    '.',
    'with the host: 2 words',
    'is',
    'old',
  ]);
  expect(items.filter((item) => item.classList.contains('wanted')).map((item) => item.textContent.trim())).toEqual([
    'old',
  ]);
  expect(items.filter((item) => item.classList.contains('fact')).map((item) => item.textContent.trim())).toEqual([
    'The',
    'mill',
    'is',
  ]);
  expect(screen.container.textContent).toContain('carried in 2.0 KiB, out 4.0 KiB; 75 % of what was wanted was near');
  expect(screen.container.querySelectorAll('.traffic .in')).toHaveLength(1);
  const now = () => screen.container.querySelector('.traffic .now')!.getAttribute('d');
  expect(now()).toBe('M5 -10v20');
  await screen.rerender({ tick: prompt.events.filter(({ type }) => type === 'tick').length + 4 });
  expect(now()).toBe('M4 -10v20');
});

test('a word that is carried is the same element in the other room', async () => {
  const screen = await render(Rooms, { prompt, frame, tokens: 6, heads: [0], happened: events });
  const find = () => [...screen.container.querySelectorAll('li')].find((item) => item.textContent.trim() === 'old')!;
  const before = find();
  await screen.rerender({ frame: { ...frame, host: new Uint8Array(6), carried: [3, 4] } });
  expect(find()).toBe(before);
  expect(before.classList.contains('away')).toBe(false);
  expect(screen.container.textContent).toContain('with the host: 0 words');
});

test('a lane with one memory has no traffic to tell of', async () => {
  const screen = await render(Rooms, { prompt, frame: frameOf(['##.###']), tokens: 6, heads: [0], happened: [tick] });
  expect(screen.container.querySelector('.traffic')).toBeNull();
  expect(screen.container.textContent).toContain('near: 4 words');
});
