import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { visit } from './visit.ts';

const viewport = { width: 1440, height: 900 };

/** Figures of what is read again and what is not, the page of the method that each stands on, what must not change when scripts arrive, and what keys do. */
const figures = [
  {
    id: 'edit',
    method: 'notes-at-prefill',
    part: 'td',
    keys: ['ArrowRight', ' '],
    says: 'The model reads it from the word itself.',
    link: 'change=value&repair=erratum',
    texts: 20,
  },
  {
    id: 'splice',
    method: 'cacheblend',
    part: 'td',
    keys: ['ArrowLeft', 'ArrowLeft', 'ArrowLeft'],
    says: 'With none of its words computed anew',
    link: 'step=0',
    texts: 12,
  },
  {
    id: 'branches',
    method: 'rksc',
    part: '.count',
    keys: [' ', 'ArrowRight'],
    says: 'below θ = 4.2 nats',
    link: 'show=exit&tau=0.82&theta=4.2',
    texts: 16,
  },
] as const;

const sentence = (page: Page) => page.locator('.figure-sentence').first().innerText();

describe.each(figures)('$id', ({ id, method, part, keys, says, link, texts }) => {
  test("stands first on its method's page, finished before any script, and scripts say the same", async () => {
    const still = await visit(`methods/${method}/`, { viewport, javaScriptEnabled: false }, async ({ page }) => ({
      parts: await page.locator(`.method-figure ${part}`).allInnerTexts(),
      says: await sentence(page),
      first: await page.locator('.method-figure .figure-menu a').first().getAttribute('href'),
    }));
    expect(still.first).toContain(`figure/${id}/`);
    expect(still.says).toContain('Measured here on');
    expect(still.parts.length).toBeGreaterThan(5);
    await visit(`methods/${method}/`, { viewport }, async ({ page, wrong }) => {
      await page.waitForTimeout(600);
      expect(await sentence(page)).toBe(still.says);
      expect(await page.locator(`.method-figure ${part}`).allInnerTexts()).toEqual(still.parts);
      expect(wrong).toEqual([]);
    });
  });

  test('is worked by keys, and its link opens the same picture', async () => {
    const shown = await visit(`figure/${id}/`, { viewport }, async ({ page, wrong }) => {
      for (const key of keys) await page.keyboard.press(key);
      await expect.poll(() => sentence(page), { timeout: 30_000 }).toContain(says);
      await expect.poll(() => page.url()).toContain(link);
      // Texts are counted one by one: the last is awaited, so that the same link says the same.
      await expect.poll(() => sentence(page), { timeout: 30_000 }).toContain(`Measured here on ${texts} texts`);
      expect(wrong).toEqual([]);
      return { query: new URL(page.url()).search, says: await sentence(page) };
    });
    await visit(`figure/${id}/${shown.query}`, { viewport }, async ({ page }) => {
      await expect.poll(() => sentence(page), { timeout: 30_000 }).toBe(shown.says);
    });
  });

  test('fits a phone', async () => {
    await visit(`figure/${id}/`, { viewport: { width: 390, height: 844 } }, async ({ page }) => {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    });
  });
});
