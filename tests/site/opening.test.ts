/** The first thing that anybody sees. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { visit } from './visit.ts';

const tick = (page: Page) =>
  page.getByLabel('Step of the run').evaluate((input: HTMLInputElement) => input.valueAsNumber);
const ticks = (page: Page) =>
  page.getByLabel('Step of the run').evaluate((input: HTMLInputElement) => Number(input.max));
const still = { reducedMotion: 'reduce' } as const;

test.each([
  [1440, 900],
  [1280, 720],
])('at %i x %i slider, names, answers, words, pages and bytes are seen at once', async (width, height) => {
  await visit('', { viewport: { width, height }, ...still }, async ({ page }) => {
    const parts = '.budget, .transport, .lane-name, .answer, .lane-view, .gauge, .lane-sum';
    const ends = await page.evaluate(
      (all) =>
        [...document.querySelector('.figure')!.querySelectorAll(all)].map((part) => [
          part.className,
          part.getBoundingClientRect().bottom,
        ]),
      parts,
    );
    expect(ends.length).toBeGreaterThan(5 * 6);
    expect(ends.filter(([, bottom]) => Number(bottom) > height)).toEqual([]);
  });
});

test('each lane stands under its lever', async () => {
  await visit('', { viewport: { width: 1440, height: 900 }, ...still }, async ({ page }) => {
    expect(await page.locator('.lane-lever').allTextContents()).toEqual([
      '',
      'evict',
      'page',
      'compress',
      'fetch back',
    ]);
  });
});

test('it plays once, and ends with the picture that it began with', async () => {
  const viewport = { width: 1440, height: 900 };
  // Without scripts the finished picture stands there.
  const answers = await visit('', { viewport, javaScriptEnabled: false }, ({ page }) =>
    page.locator('.answer').allTextContents(),
  );
  await visit('', { viewport }, async ({ page }) => {
    // However slow the machine is, what was on the clock is written down from the first moment on.
    await page.addInitScript(() => {
      const shown = new Set<number>();
      Object.assign(globalThis, { shown });
      setInterval(() => {
        const clock = document.querySelector<HTMLInputElement>('[aria-label="Step of the run"]');
        if (clock) shown.add(clock.valueAsNumber);
      }, 20);
    });
    await page.reload();
    await page.waitForFunction(
      () =>
        (globalThis as unknown as { shown: Set<number> }).shown.size > 5 &&
        !document.querySelector('.unread') &&
        document.querySelector('.play')?.textContent === 'Play',
    );
    expect(await tick(page)).toBe(await ticks(page));
    expect(await page.locator('.answer').allTextContents()).toEqual(answers);
    expect(new URL(page.url()).search).toBe('');
  });
});

test.each([
  ['where motion is not wanted', '', still],
  ['where a link says what to show', '?v=1&keep=0.5', {}],
])('it stands still %s', async (_, query, options) => {
  await visit(query, { viewport: { width: 1440, height: 900 }, ...options }, async ({ page }) => {
    await page.waitForTimeout(1500);
    expect(await page.locator('.unread').count()).toBe(0);
    expect(await tick(page)).toBe(await ticks(page));
  });
});
