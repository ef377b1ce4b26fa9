/** A figure before an audience: it fits every projector without scrolling, in type that is read from the back, and is worked by keys. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { pictures, defaultView } from '../../src/state/view.ts';
import { writeLink } from '../../src/state/link.ts';
import { files } from './dist.ts';
import { visit } from './visit.ts';

const sizes = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 1024, height: 768 },
] as const;
const all = ['full', 'snapkv', 'snapkv+compact', 'kivi', 'kvflash(every=1)', 'h2o'];
const still = { reducedMotion: 'reduce' } as const;
const staged = (change: Partial<typeof defaultView>) =>
  `figure/comparison/?${writeLink({ ...defaultView, seed: 7, length: 512, keep: 0.3, ...change })}&present`;

const answered = async (page: Page, lanes: number) => {
  await page.waitForFunction(
    (count) => {
      const verdicts = [...document.querySelectorAll('.lane[data-causes] .verdict')];
      return verdicts.length === count && verdicts.every(({ textContent }) => textContent);
    },
    lanes,
    { timeout: 30_000 },
  );
  await page.waitForTimeout(300);
};

/** What is cut off or outside of the window, and the least size of type on the screen, in pixels. Texts of no size are for screen readers. */
const measured = (page: Page) =>
  page.evaluate(() => {
    const inside = ({ top, bottom, left, right }: DOMRect) =>
      top >= -1 && left >= -1 && bottom <= innerHeight + 1 && right <= innerWidth + 1;
    const parts =
      '.figure-title, .figure-sentence, .budget, .asked, .lane, .lane-name, .answer, .verdict, .lane-view, .gauge, .lane-sum, .legend';
    const figure = document.querySelector('.figure')!;
    const outside = [...figure.querySelectorAll(parts)].filter((part) => !inside(part.getBoundingClientRect()));
    const cut = [...figure.querySelectorAll('.lanes, .lane-view')].filter(
      (box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1,
    );
    const texts = document.createTreeWalker(figure.querySelector('.picture')!, NodeFilter.SHOW_TEXT);
    const small: string[] = [];
    let least = Infinity;
    while (texts.nextNode()) {
      const parent = texts.currentNode.parentElement!;
      const style = getComputedStyle(parent);
      const hidden =
        parent.closest('[data-unsaved], .visually-hidden, svg, .picture input') || style.visibility === 'hidden';
      if (hidden || !texts.currentNode.textContent!.trim()) continue;
      const size = parseFloat(style.fontSize);
      if (size < least) small.push(`${size} ${parent.className} ${texts.currentNode.textContent}`);
      least = Math.min(least, size);
    }
    const root = document.documentElement;
    return {
      outside: outside.map(({ className }) => className.toString()),
      cut: cut.map(({ className }) => className),
      scrolls: root.scrollHeight > innerHeight || root.scrollWidth > innerWidth || scrollY > 0,
      least,
      small: small.at(-1),
    };
  });

/** 20 px where the window is 1080 high, and in proportion elsewhere, but never below 13. */
const readable = ({ width, height }: { width: number; height: number }) =>
  Math.max(13, Math.min(height / 54, width / 80));

describe.each([1, 2, 3, 4, 5, 6])('%i lanes of 512 tokens', (count) => {
  test('fit each size in each view, in type that can be read', { timeout: 120_000 }, async () => {
    const lanes = count === 1 ? ['snapkv'] : all.slice(0, count);
    await visit(staged({ lanes }), { viewport: sizes[0], ...still }, async ({ page, wrong }) => {
      await answered(page, count);
      for (const [i, view] of pictures.entries()) {
        await page.keyboard.press(String(i + 1));
        if (view === 'scores') await page.waitForFunction(() => !document.body.textContent.includes('being asked for'));
        // The fewest and the most lanes are tried at each size, the others at the tightest.
        for (const size of count === 1 || count === 6 ? sizes : sizes.slice(-1)) {
          await page.setViewportSize(size);
          await page.waitForTimeout(350);
          const found = await measured(page);
          const where = `${view} at ${size.width} x ${size.height}`;
          expect(found, where).toMatchObject({ outside: [], cut: [], scrolls: false });
          expect(found.least, `${where}: ${found.small}`).toBeGreaterThanOrEqual(readable(size) - 0.01);
        }
      }
      expect(wrong).toEqual([]);
    });
  });
});

test('of a text that has no room the sentence that answers is shown, and T shows all of it', async () => {
  await visit(staged({ lanes: all }), { viewport: sizes[0], ...still }, async ({ page }) => {
    await answered(page, 6);
    const words = () => page.locator('.lane-words').first().locator('span > span').count();
    await expect.poll(words).toBeLessThan(300);
    await expect.poll(() => page.locator('.lane-words').first().innerText()).toContain('…');
    expect(await page.locator('.lane').first().locator('.fact').innerText()).toMatch(/\.$/);
    await page.keyboard.press('t');
    await expect.poll(words).toBe(511);
    await expect.poll(() => measured(page)).toMatchObject({ outside: [], cut: [], scrolls: false });
    await page.keyboard.press('t');
    await expect.poll(words).toBeLessThan(300);
  });
});

const named = (page: Page) => page.locator('.reading output').innerText();

test('keys do all of it: play, step, view, budget, help, leave', async () => {
  await visit(staged({ lanes: ['full', 'h2o'], length: 128 }), { viewport: sizes[1], ...still }, async ({ page }) => {
    await answered(page, 2);
    await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toContain('figure');
    const clock = () => page.getByLabel('Step of the run').evaluate((input: HTMLInputElement) => input.valueAsNumber);
    const end = await clock();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(clock).toBe(end - 1);
    await page.keyboard.press('Home');
    await page.keyboard.press(' ');
    await expect.poll(clock, { timeout: 8000 }).toBeGreaterThan(2);
    await page.keyboard.press(' ');
    await page.keyboard.press('End');
    await page.keyboard.press('[');
    await expect.poll(() => named(page)).toBe('25 %');
    await page.keyboard.press(']');
    await page.keyboard.press(']');
    await expect.poll(() => named(page)).toBe('35 %');
    await page.keyboard.press('2');
    await page.locator('.map.large').first().waitFor();
    await page.keyboard.press('?');
    expect(await page.locator('.stage-keys').innerText()).toContain('less memory');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.stage-keys').count()).toBe(0);
    await expect.poll(() => page.url()).toContain('keep=0.35');
    expect(page.url()).toContain('&present');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.url()).not.toContain('present');
    await expect.poll(() => page.locator('.address:not(.elsewhere)').isVisible()).toBe(true);
    await expect.poll(async () => await page.locator('.lane-words, .map.large').count()).toBeGreaterThan(0);
  });
});

test('controls hide until the pointer or a key asks, and nothing moves when they come', async () => {
  await visit(staged({ lanes: ['full', 'h2o'], length: 128 }), { viewport: sizes[0], ...still }, async ({ page }) => {
    await answered(page, 2);
    const opacity = (part: string) =>
      page
        .locator(part)
        .first()
        .evaluate((node) => getComputedStyle(node).opacity);
    const places = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('.lane *')].map((part) => Math.round(part.getBoundingClientRect().top)).join(),
      );
    const controls = ['.figure-menu', '.transport', '.figure-controls', '.budget input'];
    await expect.poll(() => opacity('.figure-menu'), { timeout: 5000 }).toBe('0');
    const before = await places();
    for (const part of controls) expect(await opacity(part), part).toBe('0');
    await page.mouse.move(200, 200);
    for (const part of controls) await expect.poll(() => opacity(part)).toBe('1');
    expect(await places()).toBe(before);
    await expect.poll(() => opacity('.figure-menu'), { timeout: 5000 }).toBe('0');
    await page.keyboard.press('Tab');
    await expect.poll(() => opacity('.transport')).toBe('1');
  });
});

test('presenting begins from a page by a link, and full screen does not scroll', async () => {
  await visit('', { viewport: sizes[0], ...still }, async ({ page }) => {
    await page.evaluate(() => scrollTo(0, 400));
    await page.getByRole('link', { name: 'present' }).first().click();
    await page.waitForURL(/figure\/comparison\/.*&present/);
    await page.waitForFunction(() => document.activeElement?.className.includes('figure'));
    await expect.poll(() => measured(page)).toMatchObject({ outside: [], cut: [], scrolls: false });
    await page.keyboard.press('f');
    await expect.poll(() => page.evaluate(() => document.fullscreenElement?.tagName)).toBe('HTML');
    expect(await measured(page)).toMatchObject({ outside: [], cut: [], scrolls: false });
  });
});

const ids = files.flatMap((file) => /^figure\/([^/]+)\/index\.html$/.exec(file)?.[1] ?? []);

test.each(ids)('figure/%s/ fits each size on the stage', async (id) => {
  await visit(`figure/${id}/?v=1&present`, { viewport: sizes[0], ...still }, async ({ page, wrong }) => {
    for (const size of sizes) {
      await page.setViewportSize(size);
      await page.waitForTimeout(700);
      const box = await page.evaluate(() => {
        const { top, bottom, left, right } = document.querySelector('.picture')!.getBoundingClientRect();
        const parts = [
          ...document.querySelectorAll('.picture *:not([data-unsaved], [data-unsaved] *, .visually-hidden)'),
        ];
        const below = parts.filter(
          (part) => part.checkVisibility() && part.getBoundingClientRect().bottom > innerHeight + 1,
        );
        return { top, bottom, left, right, below: below.map(({ className }) => String(className)) };
      });
      expect(box.below, `${size.width} x ${size.height}`).toEqual([]);
      expect(box.top).toBeGreaterThanOrEqual(-1);
      expect(box.bottom).toBeLessThanOrEqual(size.height + 1);
      expect(box.left).toBeGreaterThanOrEqual(-1);
      expect(box.right).toBeLessThanOrEqual(size.width + 1);
      // As much of the window as one of its two sides allows.
      const share = Math.max((box.bottom - box.top) / size.height, (box.right - box.left) / size.width);
      expect(share, `${size.width} x ${size.height}`).toBeGreaterThan(0.8);
    }
    expect(wrong).toEqual([]);
  });
});
