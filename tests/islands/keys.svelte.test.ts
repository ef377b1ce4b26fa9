import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import ComparisonFigure from '../../src/figures/Comparison.svelte';
import type { Shown } from '../../src/state/compare.ts';
import { Comparison } from '../../src/state/comparison.svelte.ts';
import { defaultView, type View } from '../../src/state/view.ts';
import { shippedComparer } from './shipped.ts';

const view: View = { ...defaultView, lanes: ['full', 'h2o'], length: 64, seed: 3 };

let shown: Shown;
beforeAll(async () => {
  shown = (await shippedComparer()).compare(view);
});

let comparison: Comparison;
let figure: Element;
beforeEach(async () => {
  comparison = new Comparison(view, shown, false);
  figure = (await render(ComparisonFigure, { title: 'Memories', base: '/', shared: comparison })).container;
});
const focus = (selector: string) => figure.querySelector<HTMLElement>(selector)!.focus();

describe('keys of a figure', () => {
  test('arrows step, Home and End go to the ends', async () => {
    focus('.lanes');
    const ticks: number[] = [];
    for (const key of ['Home', 'ArrowLeft', 'ArrowRight', 'ArrowRight', 'ArrowLeft', 'End', 'ArrowRight']) {
      await userEvent.keyboard(`{${key}}`);
      ticks.push(comparison.tick);
    }
    const end = comparison.ticks;
    expect(ticks).toEqual([0, 0, 1, 2, 1, end, end]);
  });

  test('space plays and pauses', async () => {
    focus('.lanes');
    await userEvent.keyboard(' ');
    expect(comparison.clock.playing).toBe(true);
    await userEvent.keyboard(' ');
    expect(comparison.clock.playing).toBe(false);
  });

  test('a control keeps its own: a slider its arrows, a button its space', async () => {
    comparison.seek(5);
    focus('.budget input');
    await userEvent.keyboard('{ArrowLeft}');
    expect([comparison.tick, comparison.view.keep]).toEqual([5, 0.24]);
    focus('.transport button:nth-child(3)');
    await userEvent.keyboard(' ');
    expect([comparison.tick, comparison.clock.playing]).toEqual([6, false]);
    await userEvent.keyboard('{ArrowRight}');
    expect(comparison.tick).toBe(7);
  });

  test("together with Alt, Control or Meta they are the browser's", async () => {
    comparison.seek(5);
    focus('.lanes');
    for (const modifier of ['altKey', 'ctrlKey', 'metaKey']) {
      const event = new KeyboardEvent('keydown', {
        key: 'ArrowRight',
        bubbles: true,
        cancelable: true,
        [modifier]: true,
      });
      figure.querySelector('.lanes')!.dispatchEvent(event);
      expect([comparison.tick, event.defaultPrevented]).toEqual([5, false]);
    }
  });
});
