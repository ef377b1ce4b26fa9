/** After one visit the site is read without a network, and a newer build waits until the reader asks for it. */
import { cpSync, appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, inject, test } from 'vitest';
import { serve } from '../../src/cli/serve.ts';
import { base, dist } from './dist.ts';
import { theBrowser } from './visit.ts';

const folder = mkdtempSync(join(tmpdir(), 'palimpsest-'));
/** All of the site is fetched once in each. */
const patient = { timeout: 180_000 };
afterAll(() => rmSync(folder, { recursive: true }));

/** The worker takes the page over once all of the site is stored. */
const stored = (page: Page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((wake) => setTimeout(wake, 50));
  });

test('every kind of page opens without a network, and the lab runs its model', patient, async () => {
  const context = await (await theBrowser()).newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const address = inject('address');
  await page.goto(address);
  await stored(page);
  await context.setOffline(true);
  for (const path of ['methods/', 'methods/snapkv/', 'model/', 'figure/comparison/?v=1&keep=0.1']) {
    await page.goto(address + path);
    expect(await page.locator('h1').first().textContent(), path).toBeTruthy();
  }
  // A text that was never run before: the weights come from what was stored.
  await page.goto(`${address}lab/?v=1&model=harbour&seed=4242&length=96&lanes=full;h2o`);
  await page.waitForFunction(() => document.querySelectorAll('.lane[data-causes]').length === 2);
  await context.close();
});

test('a newer build is told of, and read when the reader says so', patient, async () => {
  const copy = join(folder, 'site');
  cpSync(dist, copy, { recursive: true });
  const { server, address } = await serve(copy, 0, base);
  const context = await (await theBrowser()).newContext();
  const page = await context.newPage();
  await page.goto(address);
  await stored(page);
  await page.reload();
  expect(await page.locator('.newer').isVisible()).toBe(false);
  // A build whose worker differs by a byte is another build.
  appendFileSync(join(copy, 'sw.js'), '\n');
  await page.reload();
  const button = page.locator('.newer button');
  await button.waitFor({ state: 'visible' });
  await Promise.all([page.waitForEvent('load'), button.click()]);
  const waiting = async () => (await navigator.serviceWorker.getRegistration())?.waiting === null;
  expect(await page.evaluate(waiting)).toBe(true);
  expect(await page.locator('.newer').isVisible()).toBe(false);
  await context.close();
  server.close();
});
