import type { Page } from 'playwright-core';
import { launchOptions } from '../../tests/browser.ts';
import { writeLink } from '../state/link.ts';
import { defaultView, type View } from '../state/view.ts';
import { serve } from './serve.ts';

/** Opens the built site in a browser of its own, for as long as `use` takes. */
export async function inBrowser<T>(dist: string, use: (page: Page, address: string) => Promise<T>): Promise<T> {
  const { chromium } = await import('playwright-core');
  const { server, address } = await serve(dist, 0);
  const browser = await chromium.launch(await launchOptions());
  try {
    return await use(await browser.newPage({ viewport: { width: 1440, height: 900 } }), address);
  } finally {
    await browser.close();
    server.close();
  }
}

export const labLink = (view: Partial<View>) => `lab/?${writeLink({ ...defaultView, seed: 7, ...view })}`;

/** Opens the lab at a view, and waits until all of its lanes have answered and the page has come to rest. */
export async function openLab(page: Page, address: string, view: Partial<View> & Pick<View, 'lanes'>): Promise<void> {
  await page.goto(address + labLink(view));
  await page.waitForFunction(
    (count) => [...document.querySelectorAll('.lane .verdict')].filter((one) => one.textContent).length === count,
    view.lanes.length,
  );
  await page.waitForTimeout(1500);
}
