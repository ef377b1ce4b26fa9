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

/** The sum of all shifts that nobody asked for, and what moved most. */
const shifts = (page: Page) =>
  page.evaluate(() => {
    const { shifted } = globalThis as unknown as { shifted: { value: number; moved: string[] }[] };
    const sum = shifted.reduce((all, { value }) => all + value, 0);
    return { sum, moved: [...shifted].sort((a, b) => b.value - a.value).slice(0, 2) };
  });

const watch = () => {
  const shifted: { value: number; moved: string[] }[] = [];
  Object.assign(globalThis, { shifted });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      value: number;
      hadRecentInput: boolean;
      sources: { node?: Element }[];
    })[]) {
      if (entry.hadRecentInput) continue;
      const moved = entry.sources.map(({ node }) => `${node?.nodeName} ${node?.className}`.slice(0, 60));
      shifted.push({ value: entry.value, moved });
    }
  }).observe({ type: 'layout-shift', buffered: true });
};

/** On a slow device text is painted before its fonts are there, and the words of a lane wrap anew when they are; nothing else may move there either. */
const most = { 1: 0.02, 4: 0.3 } as const;

describe.each([1, 4] as const)('%i times slower', (rate) => {
  test.each(sample)('/%s', async (path) => {
    await visit('404.html', { viewport, reducedMotion: 'reduce' }, async ({ page }) => {
      await page.addInitScript(watch);
      await slowed(page, rate);
      await page.goto(new URL(path, page.url().replace('404.html', '')).href);
      await page.waitForLoadState('networkidle');
      await page.waitForFunction(() => !document.querySelector('.awaits'), undefined, { timeout: 40_000 });
      await page.waitForTimeout(rate * 600);
      const { sum, moved } = await shifts(page);
      expect(sum, JSON.stringify(moved)).toBeLessThan(most[rate]);
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
