/** What a page asks for, and when: all of its scripts at once, and the engine before them. */
import { expect, test } from 'vitest';
import { begunWith, importsOf } from '../../src/build/preload.ts';
import { visit } from './visit.ts';

test('imports are those of a script itself, not those that it makes later', () => {
  const script =
    'import{a as b}from"./one-A1.js";import"./two.js";const c=()=>import("./three.js");export*from"./four.js";';
  expect(importsOf(script)).toEqual(['one-A1.js', 'two.js', 'four.js']);
});

test('a page begins with its own scripts and with islands that wait for nothing', () => {
  const island = (client: string, name: string) =>
    `<astro-island component-url="/_astro/${name}.js" renderer-url="/_astro/client.js" client="${client}"></astro-island>`;
  const html = `<script type="module" src="/_astro/own.js"></script>${island('load', 'Lab')}${island('visible', 'Later')}`;
  expect(begunWith(html)).toEqual(['/_astro/own.js', '/_astro/Lab.js', '/_astro/client.js']);
});

test.each(['lab/', '', 'figure/comparison/', 'methods/'])(
  '/%s names all scripts that it begins with in its head',
  async (path) => {
    await visit(path, {}, async ({ page, wrong }) => {
      await page.waitForTimeout(600);
      const { named, asked } = await page.evaluate(() => ({
        named: [...document.head.querySelectorAll<HTMLLinkElement>('link[rel=modulepreload]')].map(({ href }) => href),
        asked: performance
          .getEntriesByType('resource')
          .filter(({ name }) => /\/_astro\/.*\.js$/.test(name))
          .map(({ name }) => name),
      }));
      expect(named.length).toBeGreaterThan(3);
      expect(new Set(named).size).toBe(named.length);
      // Names of a worker's scripts have a dash before their digest, those of a page's a full stop.
      expect(asked.filter((name) => !named.includes(name) && !/-[\w-]{8}\.js$/.test(name))).toEqual([]);
      expect(wrong).toEqual([]);
    });
  },
);

test.each(['lab/', '', 'figure/comparison/'])(
  '/%s starts one engine, from its head, and the page takes that one',
  async (path) => {
    await visit(path, {}, async ({ page, wrong }) => {
      await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(1);
      expect(await page.locator('head script[src$="early.js"]').count()).toBe(1);
      await expect
        .poll(() => page.evaluate(() => (globalThis as { earlyEngine?: unknown }).earlyEngine), { timeout: 20_000 })
        .toBe(undefined);
      await page.waitForTimeout(500);
      expect(page.workers()).toHaveLength(1);
      expect(wrong).toEqual([]);
    });
  },
);
