import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { visit } from './visit.ts';

const viewport = { width: 1440, height: 900 };

/** Figures of paging, the page of the method that each stands on, and what of it must not change when scripts arrive. */
const figures = [
  { id: 'blocks', method: 'pagedattention', part: '.stage' },
  { id: 'prefix-tree', method: 'radixattention', part: '.tree' },
  { id: 'agents', method: 'kv-runtime-agents', part: '.stage' },
  { id: 'occupancy', method: 'kv-compression-infra', part: 'table' },
] as const;

const text = (page: Page, part: string) => page.locator(`.figure ${part}`).first().innerText();
const sentence = (page: Page) => page.locator('.figure-sentence').first().innerText();

describe.each(figures)('$id', ({ id, method, part }) => {
  test("stands first on its method's page, finished before any script, and scripts change nothing", async () => {
    const still = await visit(`methods/${method}/`, { viewport, javaScriptEnabled: false }, async ({ page }) => ({
      words: await text(page, part),
      first: await page.locator('.figure .figure-menu a').first().getAttribute('href'),
    }));
    expect(still.first).toContain(`figure/${id}/`);
    expect(still.words.length).toBeGreaterThan(150);
    await visit(`methods/${method}/`, { viewport }, async ({ page, wrong }) => {
      await page.waitForTimeout(1000);
      expect(await text(page, part)).toBe(still.words);
      expect(wrong).toEqual([]);
    });
  });
});

test.each(['blocks', 'prefix-tree', 'agents'])(
  '%s is worked by keys, and its link opens the same picture',
  async (id) => {
    const link = await visit(`figure/${id}/`, { viewport }, async ({ page }) => {
      await page.waitForTimeout(600);
      await page.keyboard.press('Home');
      const start = await sentence(page);
      for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
      const third = await sentence(page);
      expect(third).not.toBe(start);
      await page.keyboard.press('ArrowLeft');
      expect(await sentence(page)).not.toBe(third);
      await page.keyboard.press('ArrowRight');
      expect(await sentence(page)).toBe(third);
      await expect.poll(() => page.url()).toContain('tick=3');
      return { query: new URL(page.url()).search, third };
    });
    await visit(`figure/${id}/${link.query}`, { viewport }, async ({ page }) => {
      await expect.poll(() => sentence(page)).toBe(link.third);
    });
  },
);

test('a link that asks for too much is repaired, and that is said', async () => {
  await visit('figure/blocks/?v=1&blocks=9000&size=0', { viewport }, async ({ page, wrong }) => {
    await expect.poll(() => page.locator('.notice').innerText()).toContain('blocks: 9000 became 96');
    expect(wrong).toEqual([]);
  });
});
