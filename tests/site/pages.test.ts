import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { brotli, fileOf } from '../../src/cli/serve.ts';
import { base, dist, pages } from './dist.ts';
import { visit } from './visit.ts';

const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/** What axe finds, one line each. Words whose ink says how much of them is kept are meant to be faint, and what they say stands in words as well. */
async function accessibility(page: Page, rules?: string[]): Promise<string[]> {
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(document, ${JSON.stringify(rules ? { runOnly: { type: 'rule', values: rules } } : {})})`,
  );
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => ({ id, target: target.join(' '), html, failureSummary })),
  );
  return found
    .filter(({ id, html }) => id !== 'color-contrast' || !/class="[^"]*\bink-/.test(html))
    .map(({ id, target, failureSummary }) => `${id}: ${target}: ${failureSummary}`);
}

const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** Bytes of scripts that a page may ask for before anybody touches it, in brotli. */
const scriptBudget = 100_000;

function scriptBytes(requests: string[]): number {
  const scripts = new Set(requests.filter((url) => /\.m?js$/.test(new URL(url).pathname)));
  return [...scripts]
    .flatMap((url) => fileOf(dist, url, base) ?? [])
    .reduce((total, file) => total + brotli(file, 11).length, 0);
}

const cases = pages.flatMap((path) => sizes.map((viewport) => ({ path, viewport, width: viewport.width })));

test.concurrent.for(cases)('/$path is sound at $width pixels, light and dark', async ({ path, viewport }) => {
  await visit(path, { viewport, colorScheme: 'light', reducedMotion: 'reduce' }, async ({ page, wrong, requests }) => {
    expect(scriptBytes(requests)).toBeLessThanOrEqual(scriptBudget);
    await page.evaluate(axe.source);
    expect(await accessibility(page)).toEqual([]);
    expect(await overflow(page), 'pixels to scroll sideways').toBe(0);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibility(page, ['color-contrast', 'link-in-text-block']), 'in the dark').toEqual([]);
    expect(wrong).toEqual([]);
  });
});

test('an unknown address shows that there is nothing', async () => {
  await visit('nothing/here/', {}, async ({ page }) => {
    expect(await page.locator('h1').innerText()).toContain('scraped');
  });
});

test('the theme that a reader chooses is there again on the next page, before it is painted', async () => {
  await visit('', { colorScheme: 'light' }, async ({ page }) => {
    const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await paper();
    await page.locator('.theme').click();
    const dark = await paper();
    expect(dark).not.toBe(light);
    await page.locator('nav a').first().click();
    await page.waitForLoadState();
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    expect(await paper()).toBe(dark);
    await page.locator('.theme').click();
    expect(await page.evaluate(() => localStorage.getItem('theme'))).toBeNull();
  });
});
