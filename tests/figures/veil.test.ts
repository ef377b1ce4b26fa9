import { describe, expect, test } from 'vitest';
import { drawVeil, opacity } from '../../src/figures/veil.ts';
import { bare, classOf, hidden, looksOf, sameButInk, unread, veilOf } from '../../src/figures/word-looks.ts';

describe('how a word looks, as one number', () => {
  const ink = { level: Uint8Array.of(16, 0, 5, 16), bits: Uint8Array.of(0, 0, 3, 8), far: Uint8Array.of(0, 0, 0, 1) };
  const looks = looksOf(ink, Uint8Array.of(0, 0, 2, 0), 4, 6);

  test('gives its classes', () => {
    expect([...looks].map(classOf)).toEqual([
      'ink-16',
      'ink-0',
      'ink-5 ink-low bits-4 attend-2',
      'ink-16 ink-low bits-8 far',
      'unread',
      'unread',
    ]);
  });

  test('gives what a veil hides of it', () => {
    expect([...looks].map(veilOf)).toEqual([16, 0, bare, bare, hidden, hidden]);
  });

  test('tells whether anything but ink has changed', () => {
    const [full, none, washed, low] = [...looks] as [number, number, number, number];
    expect([sameButInk(full, none), sameButInk(unread, full), sameButInk(none, unread)]).toEqual([true, true, true]);
    expect([sameButInk(full, washed), sameButInk(low, full), sameButInk(unread, low)]).toEqual([false, false, false]);
  });
});

test('paper is as opaque as the ink has faded', () => {
  const [ink, paper] = [
    [20, 30, 40],
    [220, 230, 240],
  ] as const;
  expect(opacity(ink, ink, paper)).toBe(0);
  expect(opacity(paper, ink, paper)).toBe(1);
  expect(opacity([120, 130, 140], ink, paper)).toBe(0.5);
  // Two colours that are one have nothing between them.
  expect(opacity(ink, ink, ink)).toBe(1);
});

test('only the words that changed are painted anew, level by level', () => {
  const calls: unknown[][] = [];
  const context = {
    set fillStyle(colour: string) {
      calls.push(['colour', colour]);
    },
    clearRect: (...box: number[]) => calls.push(['clear', ...box]),
    fillRect: (...box: number[]) => calls.push(['fill', ...box]),
  } as unknown as CanvasRenderingContext2D;
  const tiles = { word: Uint16Array.of(0, 1, 1, 2), box: Int32Array.from({ length: 16 }, (_, i) => i) };
  const shades = ['dark', 'half', ''];
  drawVeil(context, tiles, undefined, Uint8Array.of(1, 0, 2), shades);
  expect(calls.splice(0)).toEqual([
    ['colour', 'dark'],
    ['fill', 4, 5, 6, 7],
    ['fill', 8, 9, 10, 11],
    ['colour', 'half'],
    ['fill', 0, 1, 2, 3],
  ]);
  drawVeil(context, tiles, Uint8Array.of(1, 0, 2), Uint8Array.of(1, 2, 0), shades);
  expect(calls).toEqual([
    ['clear', 4, 5, 6, 7],
    ['clear', 8, 9, 10, 11],
    ['clear', 12, 13, 14, 15],
    ['colour', 'dark'],
    ['fill', 12, 13, 14, 15],
  ]);
});
