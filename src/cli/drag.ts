import type { Page } from 'playwright-core';
import { launchOptions } from '../../tests/browser.ts';
import { writeLink } from '../state/link.ts';
import { defaultView } from '../state/view.ts';
import { serve } from './serve.ts';

/** Milliseconds from a budget that is set to the lanes that show it, in a real browser, worker and drawing included. */
export async function dragTimes(dist: string, lanes: readonly string[], moves: number): Promise<number[]> {
  const { chromium } = await import('playwright-core');
  const { server, address } = await serve(dist, 0);
  const browser = await chromium.launch(await launchOptions());
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${address}lab/?${writeLink({ ...defaultView, lanes, length: 512, seed: 7 })}`);
    await page.waitForFunction(
      (count) =>
        document.querySelectorAll('.lane').length === count && document.querySelectorAll('.lane-words > span').length,
      lanes.length,
    );
    await page.waitForTimeout(1500);
    return await drag(page, moves);
  } finally {
    await browser.close();
    server.close();
  }
}

const drag = (page: Page, moves: number) =>
  page.evaluate(async (count) => {
    const input = document.querySelector<HTMLInputElement>('.budget input')!;
    const shown = () => document.querySelectorAll('.lane-sum strong')[1]!.textContent;
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const percent = 6 + ((i * 37) % 90);
      const start = performance.now();
      const drawn = new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          if (shown() !== `${percent} %`) return;
          observer.disconnect();
          resolve();
        });
        observer.observe(document.querySelector('.lanes')!, {
          subtree: true,
          characterData: true,
          childList: true,
          attributes: true,
        });
      });
      input.value = String(percent / 100);
      input.dispatchEvent(new Event('input', { bubbles: true }));
      await drawn;
      times.push(performance.now() - start);
      await new Promise((resolve) => {
        requestAnimationFrame(() => {
          requestAnimationFrame(resolve);
        });
      });
    }
    return times;
  }, moves);
