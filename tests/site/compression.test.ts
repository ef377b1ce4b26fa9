import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { visit } from './visit.ts';

const viewport = { width: 1440, height: 900 };

/** Figures of an experiment, the page of the method that each stands on, and what of it must not change when scripts arrive. */
const figures = [
  { id: 'keys', method: 'kivi', part: '.maps' },
  { id: 'equal-bytes', method: 'plain-quantization', part: '.charts' },
  { id: 'cache-types', method: 'ggml-cache-types', part: '.scroll' },
  { id: 'flips', method: 'alignment-collapse', part: '.halves' },
  { id: 'forgetting-wall', method: 'forgetting-wall', part: '.ways' },
  { id: 'triattention', method: 'triattention', part: '.pictures' },
  { id: 'compresskv', method: 'compresskv', part: '.span' },
  { id: 'polykv', method: 'polykv', part: '.plan' },
  { id: 'intent', method: 'intentkv', part: '.pair' },
  { id: 'head-budgets', method: 'adakv', part: '.pair' },
  { id: 'reroute', method: 'reroute', part: '.sheets' },
] as const;

const sentence = (page: Page) => page.locator('.figure-sentence').first().innerText();

describe.each(figures)('$id', ({ id, method, part }) => {
  test("stands first on its method's page, finished before any script, and scripts say the same", async () => {
    const still = await visit(`methods/${method}/`, { viewport, javaScriptEnabled: false }, async ({ page }) => ({
      ink: await page.locator(`.method-figure ${part} :is(path, rect, [class*=ink-])`).count(),
      says: await sentence(page),
      first: await page.locator('.method-figure .figure-menu a').first().getAttribute('href'),
    }));
    expect(still.first).toContain(`figure/${id}/`);
    expect(still.ink).toBeGreaterThan(15);
    await visit(`methods/${method}/`, { viewport }, async ({ page, wrong }) => {
      await page.waitForTimeout(600);
      expect(await sentence(page)).toBe(still.says);
      expect(await page.locator(`.method-figure ${part} :is(path, rect, [class*=ink-])`).count()).toBe(still.ink);
      expect(wrong).toEqual([]);
    });
  });
});

test('keys: the arrows read another head, space turns the grid, and the link opens the same picture', async () => {
  const link = await visit('figure/keys/', { viewport }, async ({ page, wrong }) => {
    const first = await sentence(page);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => sentence(page), { timeout: 20_000 }).toContain('KV head 0 of layer 3');
    await page.keyboard.press(' ');
    await expect.poll(() => sentence(page)).toContain('Scale a token');
    expect(await sentence(page)).not.toBe(first);
    await expect.poll(() => page.url()).toContain('codec=per-token');
    expect(wrong).toEqual([]);
    return { query: new URL(page.url()).search, says: await sentence(page) };
  });
  await visit(`figure/keys/${link.query}`, { viewport }, async ({ page }) => {
    await expect.poll(() => sentence(page), { timeout: 20_000 }).toBe(link.says);
  });
});

/** Keys that each figure of eviction knows, and what it says then; the last one is of another view that the model runs. */
const pressed = [
  {
    id: 'triattention',
    keys: ['ArrowRight', ' '],
    says: ['Query head 6 of layer 1', 'With 50 % of the cache'],
    asks: 'texts=5',
  },
  { id: 'compresskv', keys: ['ArrowRight'], says: ['13 % of the cache'], asks: 'texts=5&moment=later' },
  { id: 'polykv', keys: ['ArrowLeft'], says: ['with 13 % of the cache'], asks: 'texts=5&calibration=again&taught=1' },
] as const;

test.each(pressed)(
  '$id: keys step and turn, and a link runs what it asks for',
  async ({ id, keys, says, asks }) => {
    await visit(`figure/${id}/`, { viewport }, async ({ page, wrong }) => {
      await page.waitForTimeout(300);
      for (const [i, key] of keys.entries()) {
        await page.keyboard.press(key);
        await expect.poll(() => sentence(page)).toContain(says[i]);
      }
      await expect.poll(() => page.url()).toContain('v=1&');
      expect(wrong).toEqual([]);
    });
    await visit(`figure/${id}/?v=1&${asks}`, { viewport }, async ({ page, wrong }) => {
      await expect.poll(() => page.locator('.count').first().innerText(), { timeout: 30_000 }).toMatch(/ of 5$/);
      expect(wrong).toEqual([]);
    });
  },
  60_000,
);

/** Figures whose model is asked anew when a number changes, and what then says so. */
const asked = [
  { id: 'equal-bytes', label: 'seed of the text', value: '3', text: '.here', says: 'after the text of seed 3' },
  { id: 'forgetting-wall', label: 'memory', value: '64', text: '.figure-sentence', says: 'room for 64 tokens' },
  { id: 'cache-types', label: 'seed of the text', value: '9', text: '.figure-sentence', says: 'q8_0 takes 53' },
] as const;

test.each(asked)(
  '$id asks the model anew, and the link opens the same picture',
  async ({ id, label, value, text, says }) => {
    const found = (page: Page) => page.locator(`.figure ${text}`).first().innerText();
    const settled = (page: Page) =>
      page
        .locator('.figure svg')
        .first()
        .evaluate(() => document.querySelectorAll('.waiting').length);
    const link = await visit(`figure/${id}/`, { viewport }, async ({ page, wrong }) => {
      const first = await found(page);
      await page.getByLabel(label).fill(value);
      await page.getByLabel(label).press('Enter');
      await expect.poll(() => page.url()).toContain(`=${value}`);
      await expect.poll(() => found(page), { timeout: 30_000 }).toContain(says);
      await page.waitForTimeout(4000);
      expect(await found(page)).not.toBe(first);
      expect([await settled(page), ...wrong]).toEqual([0]);
      return { query: new URL(page.url()).search, said: await found(page) };
    });
    await visit(`figure/${id}/${link.query}`, { viewport }, async ({ page }) => {
      await expect.poll(() => found(page), { timeout: 30_000 }).toBe(link.said);
    });
  },
);

test('the numbers of the frontier stand in a table', async () => {
  await visit('figure/equal-bytes/', { viewport }, async ({ page }) => {
    await page.locator('summary').first().click();
    const table = await page.locator('.figure table').innerText();
    for (const lane of ['SnapKV', 'KIVI, 2 bits', 'Low rank']) expect(table).toContain(lane);
  });
});

test('how far the model is from K = V is said for each head, and no more than that', async () => {
  await visit('methods/tied-projections/', { viewport, javaScriptEnabled: false }, async ({ page }) => {
    const figure = page.locator('.method-figure');
    expect(await figure.locator('svg').count()).toBe(2);
    expect(await figure.locator('svg rect').count()).toBe(32);
    expect(await figure.innerText()).toContain('It is no estimate of what a model trained with K = V would lose.');
  });
});
