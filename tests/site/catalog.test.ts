import type { Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { accessibility } from './accessibility.ts';
import { companions } from '../../src/catalog/values.ts';
import { pages } from './dist.ts';
import { visit } from './visit.ts';

const entryPages = pages.filter((page) => /^methods\/[^/]+\/$/.test(page) && page !== 'methods/contribute/');
const desk = { viewport: { width: 1440, height: 900 } };

/** Polls for as long as a busy machine may need. */
const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 30_000 });

const names = (page: Page) => page.locator('.entry:not([hidden]) h3').allTextContents();
const said = (page: Page) => page.locator('.catalog-said [aria-live]').innerText();

/** Moves the focus with Tab alone until it stands on what the selector names. */
async function tabTo(page: Page, selector: string) {
  for (let i = 0; i < 200; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return;
  }
  throw new Error(`Tab does not lead to ${selector}.`);
}

test('the whole list is there without a script', async () => {
  await visit('methods/', { ...desk, javaScriptEnabled: false }, async ({ page }) => {
    expect(await page.locator('.entry h3 a').count()).toBe(entryPages.length);
    expect(await page.locator('.entry-works .visually-hidden').count()).toBe(companions.length * entryPages.length);
    expect(await page.locator('input').first().isVisible(), 'controls that would do nothing').toBe(false);
    await page.locator('.entry h3 a', { hasText: /^SnapKV$/ }).click();
    expect(await page.locator('h1').innerText()).toBe('SnapKV');
    expect(await page.locator('.lane-name').allInnerTexts(), 'the figure stands finished in the page').toHaveLength(3);
  });
});

test('a search and filters by keyboard alone, and Back', async () => {
  await visit('methods/', desk, async ({ page, wrong }) => {
    await tabTo(page, 'input[type="search"]');
    await page.keyboard.type('heavy hitters');
    await soon(() => page.url()).toContain('q=heavy+hitters');
    await soon(() => names(page).then(({ length }) => length)).toBeLessThan(entryPages.length);
    const searched = await names(page);
    expect(searched[0]).toBe('H2O');

    await tabTo(page, 'input[name="fused"][value="no"]');
    await page.keyboard.press('Space');
    await soon(() => names(page)).toEqual(['H2O', 'Oracle']);
    await soon(() => page.url()).toContain('fused=no');
    expect(await said(page)).toBe(`2 of ${entryPages.length} entries`);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('value')), 'the focus stays').toBe('no');

    await page.goBack();
    await soon(() => names(page)).toEqual(searched);
    await page.goBack();
    await soon(() => names(page).then(({ length }) => length)).toBe(entryPages.length);
    await page.goForward();
    await soon(() => names(page)).toEqual(searched);
    expect(wrong).toEqual([]);
  });
});

test('a count says how many entries a filter leaves', async () => {
  await visit('methods/', desk, async ({ page }) => {
    const label = page.locator('label', { has: page.locator('input[name="training"][value="none"]') });
    const count = Number.parseInt(await label.locator('.count').innerText(), 10);
    await label.click();
    await soon(() => names(page).then(({ length }) => length)).toBe(count);
  });
});

test('a filtered link shows the same entries to somebody else', async () => {
  const shown = await visit('methods/', desk, async ({ page }) => {
    for (const selector of [
      '[name="fused"][value="yes"]',
      '[name="training"][value="none"]',
      '[name="fits"][value="yes"]',
    ])
      await page.locator(`input${selector}`).check();
    await page.locator('.catalog-bar select').selectOption('newest');
    await soon(() => page.url()).toContain('sort=newest');
    // The first rows are there at once, the others a moment later.
    const count = Number.parseInt(await said(page), 10);
    await soon(() => names(page).then(({ length }) => length)).toBe(count);
    return { query: new URL(page.url()).search, names: await names(page) };
  });
  expect(shown.names.length).toBeGreaterThan(3);
  expect(shown.names.length).toBeLessThan(entryPages.length);
  await visit(`methods/${shown.query}`, desk, async ({ page }) => {
    await soon(() => names(page)).toEqual(shown.names);
  });
});

test('three entries side by side, ticked in the list and opened by link', async () => {
  const address = await visit('methods/', desk, async ({ page }) => {
    for (const name of ['SnapKV', 'KIVI', 'Quest'])
      await page.getByRole('checkbox', { name: `compare ${name}`, exact: true }).check();
    await page.getByRole('radio', { name: /^compare/ }).check();
    await soon(() => page.locator('.compare thead th a').allInnerTexts()).toEqual(['SnapKV', 'KIVI', 'Quest']);
    return new URL(page.url()).search;
  });
  expect(address).toBe('?v=1&compare=snapkv,kivi,quest');
  await visit(
    'methods/?compare=snapkv,kivi,quest',
    { viewport: { width: 390, height: 844 } },
    async ({ page, wrong }) => {
      await soon(() => page.locator('.compare thead th a').allInnerTexts()).toEqual(['SnapKV', 'KIVI', 'Quest']);
      expect(
        await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      ).toBe(0);
      await page.getByRole('button', { name: 'remove KIVI' }).click();
      await soon(() => page.locator('.compare thead th a').allInnerTexts()).toEqual(['SnapKV', 'Quest']);
      expect(wrong).toEqual([]);
    },
  );
});

test.for(['timeline', 'map'])('the %s links to every entry', async (view) => {
  await visit(`methods/?view=${view}`, desk, async ({ page }) => {
    await soon(() => page.locator('.catalog-main a[href*="/methods/"]').count()).toBe(entryPages.length);
  });
});

const views = [
  'view=timeline',
  'view=map',
  'compare=snapkv,kivi,quest',
  'q=heavy&fused=no',
  'q=nothing+at+all+like+this',
];
test.concurrent.for(views)('axe finds nothing at ?%s', async (query) => {
  await visit(`methods/?v=1&${query}`, { ...desk, reducedMotion: 'reduce' }, async ({ page, wrong }) => {
    expect(await accessibility(page)).toEqual([]);
    expect(wrong).toEqual([]);
  });
});

test('a link that is wrong is repaired, and says so', async () => {
  await visit('methods/?v=1&lever=steal&view=map&compare=nowhere', desk, async ({ page, wrong }) => {
    await soon(() => page.locator('.catalog-notice').innerText()).toContain('there is no "steal"');
    expect(await page.locator('.catalog-notice').innerText()).toContain('There is no entry "nowhere"');
    expect(wrong).toEqual([]);
  });
});

test.each([
  ['snapkv', '.at-work'],
  ['pagedattention', '.method-figure'],
  ['gategpt', '.drawing'],
])(
  '%s: the picture comes first, its facts stand beside it where there is room, and the prose follows',
  async (slug, picture) => {
    const boxes = async (page: Page) => {
      const box = async (selector: string) => (await page.locator(selector).first().boundingBox())!;
      return { picture: await box(picture), facts: await box('.facts'), prose: await box('.works') };
    };
    await visit(`methods/${slug}/`, desk, async ({ page }) => {
      const { picture, facts, prose } = await boxes(page);
      expect(picture.y).toBeLessThan(400);
      expect(facts.x).toBeGreaterThan(picture.x + picture.width);
      expect(Math.abs(facts.y - picture.y)).toBeLessThan(40);
      expect(prose.y).toBeGreaterThan(Math.max(picture.y + picture.height, facts.y + facts.height) - 1);
    });
    await visit(`methods/${slug}/`, { viewport: { width: 820, height: 1180 } }, async ({ page }) => {
      const { picture, facts } = await boxes(page);
      expect(facts.y).toBeGreaterThanOrEqual(picture.y + picture.height);
    });
  },
);

test('the figure on a method’s page is alive', async () => {
  await visit('methods/h2o/', desk, async ({ page, wrong }) => {
    const slider = page.locator('.at-work input[type="range"]').first();
    await slider.scrollIntoViewIfNeeded();
    const live = page.locator('.at-work .lane').nth(1).locator('.lane-words span');
    const inks = () => live.evaluateAll((words) => words.map(({ className }) => className).join());
    const before = await inks();
    await page.waitForFunction(() => !document.querySelector('.at-work astro-island[ssr]'));
    await slider.fill('0.6');
    await soon(inks).not.toBe(before);
    expect(wrong).toEqual([]);
  });
});

test('data, feed and structured data can be read', async () => {
  const get = async (path: string) => (await fetch(inject('address') + path)).text();
  const { methods, count } = JSON.parse(await get('methods.json')) as {
    count: number;
    methods: { slug: string; claims: unknown[] }[];
  };
  expect([count, methods.length]).toEqual([entryPages.length, entryPages.length]);
  expect((await get('methods.csv')).trimEnd().split('\r\n')).toHaveLength(entryPages.length + 1);
  expect((await get('methods/feed.xml')).match(/<item>/g)).toHaveLength(entryPages.length);
  const [, json = ''] =
    /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(await get('methods/snapkv/')) ?? [];
  expect(JSON.parse(json)).toMatchObject({ '@type': 'TechArticle', headline: 'SnapKV' });
});
