/** A reader's own words in the lab: they stay, come back by the link, and are shown as they were written. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { visit } from './visit.ts';

const desk = { viewport: { width: 1440, height: 900 } };
const soon = { timeout: 20_000 };
const own = (page: Page) => page.getByRole('radio', { name: 'your own words' });
const text = (page: Page) => page.locator('textarea');
const ask = (page: Page) => page.getByRole('textbox', { name: 'Question' });
const answers = (page: Page) => page.locator('.lane-answer, .verdict').first();
const words = (page: Page) => page.locator('.lane').first().innerText();

test('an example is read by one click, and its link brings back text, question and picture', async () => {
  const link = await visit('lab/', desk, async ({ page, wrong }) => {
    await own(page).check();
    await page.getByRole('button', { name: 'a thing that moves' }).click();
    await expect.poll(() => words(page), soon).toContain('observatory');
    await expect.poll(() => page.url(), soon).toContain('astrolabe');
    expect(await words(page)).not.toMatch(/<w\d+>/);
    expect(wrong).toEqual([]);
    return { query: new URL(page.url()).search, text: await text(page).inputValue() };
  });
  await visit(`lab/${link.query}`, desk, async ({ page }) => {
    await expect.poll(() => text(page).inputValue(), soon).toBe(link.text);
    expect(await ask(page).inputValue()).toBe('Where is the astrolabe?');
    await expect.poll(() => words(page), soon).toContain('Kasimir');
  });
});

test('what was typed is there again after a look at a generated text', async () => {
  await visit('lab/', desk, async ({ page }) => {
    await own(page).check();
    await text(page).fill('Zofia likes pancakes. It rained.');
    await ask(page).fill('What does Zofia like?');
    await page.getByRole('radio', { name: 'a generated text' }).check();
    await own(page).check();
    expect([await text(page).inputValue(), await ask(page).inputValue()]).toEqual([
      'Zofia likes pancakes. It rained.',
      'What does Zofia like?',
    ]);
  });
});

test('a question that the model was never asked in that form is told before it is read, and in its answer', async () => {
  await visit('lab/', desk, async ({ page }) => {
    const notice = page.getByText(/^The model never saw a question of this form/);
    await own(page).check();
    await ask(page).fill('What does Zofia like?');
    expect(await notice.count()).toBe(0);
    await ask(page).fill('Who likes pancakes?');
    await expect.poll(() => notice.count(), soon).toBe(1);
    await page.getByRole('button', { name: 'Read this' }).click();
    await expect.poll(() => notice.count(), soon).toBe(2);
    await expect.poll(() => answers(page).innerText(), soon).not.toBe('');
  });
});
