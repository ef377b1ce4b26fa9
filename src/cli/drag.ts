import type { Page } from 'playwright-core';
import { inBrowser, openLab } from './browser.ts';

/** Milliseconds from a budget that is set: to the words that show it on the painted page, and to the answers. */
export interface Dragged {
  readonly words: number[];
  readonly answers: number[];
}

/** Drags the budget in a real browser, worker and drawing included. */
export const dragTimes = (dist: string, lanes: readonly string[], length: number, moves: number): Promise<Dragged> =>
  inBrowser(dist, async (page, address) => {
    await openLab(page, address, { lanes, length });
    await drag(page, 10);
    return drag(page, moves);
  });

const drag = (page: Page, moves: number) =>
  page.evaluate(async (count) => {
    const input = document.querySelector<HTMLInputElement>('.budget input')!;
    const lanes = document.querySelector('.lanes')!;
    const shown = () => document.querySelectorAll('.lane-sum strong')[1]!.textContent;
    const answered = () => [...document.querySelectorAll('.verdict')].every((one) => one.textContent);
    const until = (done: () => boolean) =>
      new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          if (!done()) return;
          observer.disconnect();
          resolve();
        });
        observer.observe(lanes, { subtree: true, characterData: true, childList: true, attributes: true });
      });
    /** A frame's callbacks run before it is painted, and a message after. */
    const painted = () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve();
          port2.postMessage(undefined);
        });
      });
    const times = { words: [] as number[], answers: [] as number[] };
    for (let i = 0; i < count; i++) {
      const percent = 6 + ((i * 37) % 90);
      const start = performance.now();
      const words = until(() => shown() === `${percent} %`)
        .then(painted)
        .then(() => performance.now() - start);
      const answers = until(() => shown() === `${percent} %` && answered())
        .then(painted)
        .then(() => performance.now() - start);
      input.value = String(percent / 100);
      input.dispatchEvent(new Event('input', { bubbles: true }));
      times.words.push(await words);
      times.answers.push(await answers);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return times;
  }, moves);
