/** Nothing moves under a reader's eyes: not when scripts arrive, nor when the run of a link does. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { visit } from './visit.ts';

const viewport = { width: 1440, height: 900 };
const link = 'v=1&model=harbour&lanes=full;h2o;snapkv%2Bkivi;tova;random;kvflash(every=1)&seed=21&length=320&keep=0.2';

/** Pages and links of each kind. */
const sample = [
  '',
  `?${link}`,
  'lab/',
  `lab/?${link}`,
  `lab/?${link}&view=bytes`,
  `figure/comparison/?${link}`,
  `figure/comparison/?${link}&view=heads`,
  `figure/comparison/?${link}&present`,
  'figure/keys/?v=1&seed=3&layer=2&head=1&bits=2',
  'methods/',
  'methods/snapkv/',
  'methods/kivi/',
  'calculator/',
  'model/',
];

const slowed = async (page: Page, rate: number) =>
  (await page.context().newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate });

interface Shift {
  readonly at: number;
  readonly value: number;
  readonly moved: readonly string[];
}

/** All shifts that nobody asked for, and when the page's fonts were there. */
const shifts = (page: Page) =>
  page.evaluate(() => {
    const { shifted, fonts } = globalThis as unknown as { shifted: Shift[]; fonts: number };
    return { shifted, fonts };
  });

const sum = (all: readonly Shift[]) => all.reduce((total, { value }) => total + value, 0);

const watch = () => {
  const shifted: Shift[] = [];
  const seen = Object.assign(globalThis, { shifted, fonts: 0 });
  document.fonts.addEventListener('loadingdone', () => {
    seen.fonts = performance.now();
  });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      value: number;
      hadRecentInput: boolean;
      sources: { node?: Element }[];
    })[]) {
      if (entry.hadRecentInput) continue;
      const moved = entry.sources.map(({ node }) => `${node?.nodeName} ${node?.className}`.slice(0, 60));
      shifted.push({ at: entry.startTime, value: entry.value, moved });
    }
  }).observe({ type: 'layout-shift', buffered: true });
};

/** Pages whose fonts come so late on a slow device that they cannot be told from the rest. */
const lateFonts = ['lab/', 'methods/snapkv/'];

describe.each([1, 4])('%i times slower', (rate) => {
  test.each(rate === 1 ? sample : sample.filter((path) => !lateFonts.includes(path)))('/%s', async (path) => {
    await visit('404.html', { viewport, reducedMotion: 'reduce' }, async ({ page }) => {
      await page.addInitScript(watch);
      await slowed(page, rate);
      await page.goto(new URL(path, page.url().replace('404.html', '')).href);
      await page.waitForLoadState('networkidle');
      await page.waitForFunction(() => !document.querySelector('.awaits'), undefined, { timeout: 40_000 });
      await page.waitForTimeout(rate * 600);
      const { shifted, fonts } = await shifts(page);
      // Text that is painted before its fonts are there wraps anew when they are: that is not asked here.
      const later = shifted.filter(({ at }) => at > fonts + 250 * rate);
      expect(sum(later), JSON.stringify(later)).toBeLessThan(0.02);
    });
  });
});

test('until the run of a link is there the figure says so, and none of its numbers stands under the link', async () => {
  await visit('404.html', { viewport, reducedMotion: 'reduce' }, async ({ page }) => {
    // The model does not come: the link cannot be run.
    let answer = () => {};
    const held = new Promise<void>((done) => (answer = done));
    await page.route('**/*.safetensors', async (route) => {
      await held;
      await route.abort();
    });
    await page.goto(page.url().replace('404.html', `figure/comparison/?${link}`));
    await page.locator('.awaits').waitFor();
    const says = () =>
      page
        .locator('.picture')
        .evaluate(
          (node) => getComputedStyle(node, '::before').content + getComputedStyle(node.firstElementChild!).visibility,
        );
    expect(await says()).toBe('"Running this link."hidden');
    expect((await page.locator('.picture').boundingBox())!.height).toBeGreaterThan(400);
    answer();
    await page.locator('[role=alert]').waitFor();
    expect(await page.locator('.awaits').count()).toBe(0);
    const notice = await page.locator('[role=alert]').innerText();
    expect(notice).toContain('The picture is still that of 30 % of the cache.');
    expect(notice).toContain('try again');
  });
});
