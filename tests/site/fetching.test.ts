import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { visit } from './visit.ts';

const viewport = { width: 1440, height: 900 };

/** Figures of what is fetched back, the page of the method that each stands on, what of it must not change when scripts arrive, and what its keys do. */
const figures = [
  {
    id: 'passages',
    method: 'attemory',
    part: '.passages li',
    key: 'ArrowRight',
    says: 'Where is the telescope?',
    link: 'question=14',
  },
  {
    id: 'records',
    method: 'infinitekv',
    part: '.search li',
    key: 'ArrowLeft',
    says: 'KV head 2 of layer 3',
    link: 'head=2',
  },
  {
    id: 'pays',
    method: 'kvflash',
    part: '.figure-table tr',
    key: ' ',
    says: 'a byte carried counted as 1 byte read',
    link: 'price=1&',
  },
  {
    id: 'guess',
    method: 'kvflash',
    part: 'tbody tr',
    key: 'ArrowRight',
    says: 'Before the next words, “61 61”',
    link: 'at=2',
  },
  {
    id: 'upper-bounds',
    method: 'quest',
    part: '.pictures p',
    key: ' ',
    says: 'looks for “61”',
    link: 'word=1',
  },
] as const;

const sentence = (page: Page) => page.locator('.figure-sentence').first().innerText();

describe.each(figures)('$id', ({ id, method, part, key, says, link }) => {
  test("stands at the top of its method's page, finished before any script, and scripts say the same", async () => {
    const figure = `.method-figure:has(a[href*="figure/${id}/"])`;
    const still = await visit(`methods/${method}/`, { viewport, javaScriptEnabled: false }, async ({ page }) => ({
      parts: await page.locator(`${figure} ${part}`).allInnerTexts(),
      says: await page.locator(`${figure} .figure-sentence`).innerText(),
    }));
    expect(still.parts.length).toBeGreaterThan(2);
    await visit(`methods/${method}/`, { viewport }, async ({ page, wrong }) => {
      await page.waitForTimeout(600);
      expect(await page.locator(`${figure} .figure-sentence`).innerText()).toBe(still.says);
      expect(await page.locator(`${figure} ${part}`).allInnerTexts()).toEqual(still.parts);
      expect(wrong).toEqual([]);
    });
  });

  test('is worked by keys, and its link opens the same picture', async () => {
    const shown = await visit(`figure/${id}/`, { viewport }, async ({ page, wrong }) => {
      await page.keyboard.press(key);
      await expect.poll(() => sentence(page), { timeout: 30_000 }).toContain(says);
      // A study that is still at it says less: the last result names where it was measured.
      await expect.poll(() => sentence(page), { timeout: 30_000 }).toContain('easured here');
      await expect.poll(() => page.url()).toContain(link);
      expect(wrong).toEqual([]);
      return { query: new URL(page.url()).search, says: await sentence(page) };
    });
    await visit(`figure/${id}/${shown.query}`, { viewport }, async ({ page }) => {
      await expect.poll(() => sentence(page), { timeout: 30_000 }).toBe(shown.says);
    });
  });
});
