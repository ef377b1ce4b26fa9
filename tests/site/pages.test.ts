import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { brotli, fileOf } from '../../src/cli/serve.ts';
import { accessibility, sizes } from './accessibility.ts';
import { base, dist, pages } from './dist.ts';
import { visit } from './visit.ts';

const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** Bytes of scripts that a page may ask for before anybody touches it, in brotli: the worker alone, with every rule, codec and way to fetch, is a third. */
const scriptBudget = 145_000;

function scriptBytes(requests: string[]): number {
  const scripts = new Set(requests.filter((url) => /\.m?js$/.test(new URL(url).pathname)));
  return [...scripts]
    .flatMap((url) => fileOf(dist, url, base) ?? [])
    .reduce((total, file) => total + brotli(file, 11).length, 0);
}

/** What the build says of the entries. They have one template, with a live figure in it or without. */
const { methods } = JSON.parse(readFileSync(join(dist, 'methods.json'), 'utf8')) as {
  methods: { slug: string; runs: object }[];
};
const entries = methods.map(({ slug, runs }) => ({ path: `methods/${slug}/`, drawn: 'lane' in runs }));
const tenth = (_: unknown, i: number) => i % 10 === 0;
/** The pages that axe reads: all that are no entry, and of the entries with a figure and of those without every tenth. */
const read = new Set([
  ...pages.filter((path) => !entries.some((entry) => entry.path === path)),
  ...[true, false]
    .flatMap((drawn) => entries.filter((entry) => entry.drawn === drawn).filter(tenth))
    .map(({ path }) => path),
]);

test.concurrent.for(pages)('/%s is sound', async (path) => {
  await visit(path, { viewport: sizes[0], reducedMotion: 'reduce' }, async ({ page, wrong, requests }) => {
    expect(scriptBytes(requests)).toBeLessThanOrEqual(scriptBudget);
    for (const size of sizes) {
      await page.setViewportSize(size);
      expect(await overflow(page), `pixels to scroll sideways at ${size.width}`).toBe(0);
    }
    if (read.has(path)) expect(await accessibility(page)).toEqual([]);
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
