import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { defaultView } from '../../src/state/view.ts';
import { writeLink } from '../../src/state/link.ts';
import { visit } from './visit.ts';

const viewport = { width: 1440, height: 900 };
const lab = (change: Partial<typeof defaultView>) => `lab/?${writeLink({ ...defaultView, length: 192, ...change })}`;

/** The engine is done when the lanes of the link stand there with an answer each, and each says what that is owed to. */
const ready = (page: Page, lanes: number) =>
  page.waitForFunction((count) => {
    const answers = [...document.querySelectorAll('.lane[data-causes] .answer')];
    return answers.length === count && answers.every((answer) => answer.textContent !== '…');
  }, lanes);

/** While something moves, words lie under a veil and what is out of sight is left; both are put right once it has come to rest (resting.ts). */
const atRest = async (page: Page) => {
  await page.waitForTimeout(500);
  await page.waitForFunction(() => !document.querySelector('.veiled'));
};

/** What a reader sees of every lane: its ink, word for word, its answer, its bytes and its heads. */
const seen = async (page: Page) => {
  await atRest(page);
  return page.evaluate(() =>
    [...document.querySelectorAll('.lane')].map((lane) => ({
      name: lane.querySelector('.lane-name')?.textContent,
      ink: [...lane.querySelectorAll('.lane-words [class*="ink-"], .lane-words .unread')]
        .map((word) => word.className)
        .join(),
      heads: lane.querySelector('.map path')?.getAttribute('d'),
      answer: lane.querySelector('.answer')?.textContent,
      sum: lane.querySelector('.lane-sum')?.textContent,
    })),
  );
};

/** Everything that is drawn in the lanes, whatever order a browser writes attributes in, as a short digest. */
const picture = async (page: Page) => {
  await atRest(page);
  return createHash('sha256')
    .update(
      await page.evaluate(() =>
        [...document.querySelectorAll('.lanes .lane *')]
          .map((element) => {
            const attributes = [...element.attributes]
              .map(({ name, value }) => `${name}=${value}`)
              .sort()
              .join(' ');
            return `${element.tagName} ${attributes} ${element.children.length ? '' : element.textContent}`;
          })
          .join('\n'),
      ),
    )
    .digest('hex')
    .slice(0, 16);
};

const budget = (page: Page) => page.getByLabel("Budget: share of the full cache's bytes");
const clock = (page: Page) => page.getByLabel('Step of the run');

async function setRange(page: Page, label: string, value: number): Promise<void> {
  await page
    .getByLabel(label)
    .first()
    .evaluate((input: HTMLInputElement, to) => {
      input.value = String(to);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }, value);
}

test('the picture that stands in the HTML is the one that the engine draws', async () => {
  const still = await visit('', { viewport, javaScriptEnabled: false }, ({ page }) => seen(page));
  const live = await visit('', { viewport, reducedMotion: 'reduce' }, async ({ page }) => {
    await page.waitForTimeout(1500);
    return seen(page);
  });
  expect(still.length).toBe(5);
  expect(still[0]!.ink.length).toBeGreaterThan(500);
  expect(live).toEqual(still);
});

test('dragging the budget fades words and says so', async () => {
  await visit('', { viewport, reducedMotion: 'reduce' }, async ({ page, wrong }) => {
    await page.waitForTimeout(1000);
    const before = await seen(page);
    await setRange(page, "Budget: share of the full cache's bytes", 0.12);
    await page.waitForFunction(() => document.querySelectorAll('.lane-sum')[1]?.textContent?.startsWith('12 %'));
    await ready(page, 5);
    const after = await seen(page);
    expect(after[0]!.ink).toBe(before[0]!.ink);
    // A codec that drops nothing holds the same words at every budget.
    for (const lane of [1, 2, 4]) expect(after[lane]!.ink).not.toBe(before[lane]!.ink);
    expect(after[3]!.ink).toBe(before[3]!.ink);
    expect(await page.locator('.figure-sentence').first().innerText()).toContain('With 12 % of the cache');
    expect(wrong).toEqual([]);
  });
});

test('a picture that is saved in the middle of a drag has the ink of one that is saved at rest', async () => {
  await visit('figure/comparison/', { viewport, acceptDownloads: true }, async ({ page }) => {
    await page.waitForTimeout(1000);
    const save = async () => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'save SVG' }).evaluate((button: HTMLElement) => button.click()),
      ]);
      const file = join(mkdtempSync(join(tmpdir(), 'palimpsest-')), 'saved.svg');
      await download.saveAs(file);
      return readFileSync(file, 'utf8').match(/<text[^>]*>/g);
    };
    const whole = await save();
    await setRange(page, "Budget: share of the full cache's bytes", 0.06);
    await page.waitForFunction(
      () =>
        document.querySelector('.veiled') &&
        [...document.querySelectorAll('.verdict')].every(({ textContent }) => textContent),
    );
    const moving = await save();
    await atRest(page);
    expect(moving).not.toEqual(whole);
    expect(await save()).toEqual(moving);
  });
});

test('a copied link, opened in a fresh profile, shows the same kept words and answers', async () => {
  const lanes = ['full', 'h2o', 'snapkv', 'kivi', 'inverted(knorm)'];
  const { link, first } = await visit(
    lab({ lanes, seed: 21, keep: 0.3 }),
    { viewport, permissions: ['clipboard-read', 'clipboard-write'] },
    async ({ page }) => {
      await ready(page, lanes.length);
      await setRange(page, "Budget: share of the full cache's bytes", 0.15);
      await page.waitForFunction(() => document.querySelectorAll('.lane-sum')[1]?.textContent?.startsWith('15 %'));
      await ready(page, lanes.length);
      await page.getByRole('button', { name: 'copy link' }).first().click();
      await page.getByText('The link is copied.').waitFor();
      return { link: await page.evaluate(() => navigator.clipboard.readText()), first: await seen(page) };
    },
  );
  expect(link).toContain('keep=0.15');
  const second = await visit(link.replace(inject('address'), ''), { viewport }, async ({ page }) => {
    await ready(page, lanes.length);
    return seen(page);
  });
  expect(second).toEqual(first);
});

test('scrubbing away and back gives the same frame, in every view', async () => {
  await visit(lab({ lanes: ['full', 'snapkv+kivi', 'streaming-llm'], keep: 0.2 }), { viewport }, async ({ page }) => {
    await ready(page, 3);
    for (const view of ['words', 'heads', 'pages', 'bytes']) {
      await page.getByRole('radio', { name: view, exact: true }).check();
      await setRange(page, 'Step of the run', 13);
      const frame = () => picture(page);
      const first = await frame();
      await setRange(page, 'Step of the run', 3);
      expect(await frame()).not.toBe(first);
      await setRange(page, 'Step of the run', 40);
      await setRange(page, 'Step of the run', 13);
      expect(await frame(), view).toBe(first);
    }
  });
});

test('the figure is worked by keyboard alone', async () => {
  await visit(lab({ lanes: ['full', 'random'] }), { viewport, reducedMotion: 'reduce' }, async ({ page }) => {
    await ready(page, 2);
    await budget(page).focus();
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(() => document.querySelectorAll('.lane-sum')[1]?.textContent?.startsWith('24 %'));
    await page.locator('.lanes').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => clock(page).inputValue()).toBe('0');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => clock(page).inputValue()).toBe('2');
    await page.keyboard.press(' ');
    await expect.poll(async () => Number(await clock(page).inputValue())).toBeGreaterThan(4);
    await page.keyboard.press(' ');
    await page.keyboard.press('End');
    await expect.poll(async () => (await page.locator('.verdict').first().innerText()).length).toBeGreaterThan(3);
  });
});

test('a broken link is repaired with a notice, and runs no markup', async () => {
  const query =
    'v=1&lanes=snapkv;nonsense;h2o&keep=40&seed=x&text=%3Cimg%20src=x%20onerror=alert(1)%3E%20the%20code%20for%20the%20mill%20is%2022%2027.&ask=what%20is%20the%20code%20for%20the%20mill';
  await visit(`lab/?${query}`, { viewport }, async ({ page, wrong }) => {
    await ready(page, 3);
    const notice = await page.locator('.notice').innerText();
    expect(notice).toContain('There is no method "nonsense"');
    expect(notice).toContain('keep: 40 became 1');
    expect(notice).toContain('seed must be a number');
    expect(await page.locator('.lane img').count()).toBe(0);
    expect(wrong).toEqual([]);
  });
});

test("a reader's own words are read, asked about and linked", async () => {
  await visit(lab({ lanes: ['full', 'streaming-llm'] }), { viewport }, async ({ page }) => {
    await ready(page, 2);
    await page.getByRole('radio', { name: 'your own words' }).check();
    await page
      .locator('textarea')
      .fill(
        'Zofia likes pancakes. Anna likes figs. Boris likes rice. The code for the mill is 22 27. The wind was cold that morning.',
      );
    await page.getByLabel('Question', { exact: true }).fill('What does Zofia like?');
    await page.getByRole('button', { name: 'Read this' }).click();
    await page.waitForFunction(() => document.querySelector('.asked strong')?.textContent === 'What does Zofia like?');
    expect(await page.locator('.lane-words').first().innerText()).toContain('pancakes');
    await expect.poll(() => page.url()).toContain('text=');
  });
});

test.concurrent.for([
  ['save SVG', 'svg'],
  ['save PNG', 'png'],
  ['save CSV', 'csv'],
  ['save JSON', 'json'],
] as const)('%s saves what is shown', async ([button, extension]) => {
  await visit('figure/comparison/', { viewport, acceptDownloads: true }, async ({ page, wrong }) => {
    await page.waitForTimeout(800);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`palimpsest-comparison.${extension}`);
    const file = join(mkdtempSync(join(tmpdir(), 'palimpsest-')), `saved.${extension}`);
    await download.saveAs(file);
    const content = readFileSync(file);
    if (extension === 'png') expect([...content.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    if (extension === 'svg') {
      expect(content.toString()).toMatch(/^<svg xmlns/);
      expect(content.toString()).toContain('SnapKV + compact');
      expect((content.toString().match(/<text/g) ?? []).length).toBeGreaterThan(400);
    }
    if (extension === 'csv') expect(content.toString().split('\r\n').length).toBe(7);
    if (extension === 'json') expect((JSON.parse(content.toString()) as { rows: unknown[] }).rows.length).toBe(5);
    expect(wrong).toEqual([]);
  });
});

test('lanes are added, changed, moved and removed in the lab', async () => {
  await visit(lab({ lanes: ['full', 'random'] }), { viewport }, async ({ page }) => {
    const names = () => page.locator('.lane-name').allInnerTexts();
    await ready(page, 2);
    await page.getByRole('button', { name: 'add a lane' }).click();
    await expect.poll(names).toEqual(['Full cache', 'Random', 'Random']);
    await page.locator('.tools summary').nth(2).click();
    await page.locator('.tools').nth(2).locator('select').first().selectOption('tova');
    await expect.poll(names).toEqual(['Full cache', 'Random', 'TOVA']);
    await page.locator('.tools').nth(2).getByRole('button', { name: 'move left' }).click();
    await expect.poll(names).toEqual(['Full cache', 'TOVA', 'Random']);
    await page.locator('.tools').nth(2).getByRole('button', { name: 'remove' }).click();
    await expect.poll(names).toEqual(['Full cache', 'TOVA']);
    await expect.poll(() => page.url()).toContain('lanes=full;tova');
  });
});

test('the curve fills in over many texts and can be stopped', async () => {
  await visit(
    lab({ lanes: ['full', 'random'], length: 96, texts: 400 }),
    { viewport },
    async ({ page, wrong, requests }) => {
      await ready(page, 2);
      expect(
        requests.some((address) => address.includes('plot-curve')),
        'the chart library before it is asked for',
      ).toBe(false);
      await page.getByRole('button', { name: 'Ask them all' }).click();
      await page.locator('.chart svg').waitFor();
      await page.waitForFunction(() => Number(document.querySelector('progress')?.value) >= 3);
      await page.waitForFunction(
        () =>
          Number(
            /after (\d+) texts/.exec(document.querySelector('.chart svg')?.getAttribute('aria-label') ?? '')?.[1],
          ) >= 3,
      );
      await page.getByRole('button', { name: 'Stop' }).click();
      const stopped = await page.locator('progress').evaluate((bar: HTMLProgressElement) => bar.value);
      await page.waitForTimeout(600);
      expect(await page.locator('progress').evaluate((bar: HTMLProgressElement) => bar.value)).toBeLessThanOrEqual(
        stopped + 1,
      );
      expect(wrong).toEqual([]);
    },
  );
});

test.each(['comparison', 'curve', 'work'])('figure/%s/ stands alone, for a frame and for a projector', async (id) => {
  await visit(`figure/${id}/`, { viewport }, async ({ page, wrong }) => {
    expect(await page.locator('header nav').count()).toBe(0);
    await page.getByRole('button', { name: 'full screen' }).waitFor();
    expect(await page.locator('.figure-sentence').first().innerText()).not.toBe('');
    expect(wrong).toEqual([]);
  });
});

test('a saved picture keeps the precision of words: outlines without a body at 2 bits, none at 16', async () => {
  const saved = async (lanes: string[]) => {
    let text = '';
    await visit(
      lab({ lanes, keep: 0.5 }).replace('lab/', 'figure/comparison/'),
      { viewport, acceptDownloads: true },
      async ({ page }) => {
        await expect.poll(async () => page.locator('.lane').count()).toBe(lanes.length);
        await expect.poll(async () => (await page.locator('.verdict').last().innerText()).length).toBeGreaterThan(0);
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: 'save SVG' }).click(),
        ]);
        const file = join(mkdtempSync(join(tmpdir(), 'palimpsest-')), 'saved.svg');
        await download.saveAs(file);
        text = readFileSync(file, 'utf8');
      },
    );
    return (text.match(/<text[^>]*>/g) ?? []).map((mark) => ({
      outlined: mark.includes('stroke-width='),
      hollow: mark.includes('fill-opacity="0"'),
    }));
  };
  const plain = await saved(['full']);
  expect(plain.filter(({ outlined, hollow }) => outlined || hollow)).toEqual([]);
  const hollow = (await saved(['kivi'])).filter((mark) => mark.hollow);
  // All of the 192 words but those of the residual window.
  expect(hollow.length).toBeGreaterThan(100);
  expect(hollow.every(({ outlined }) => outlined)).toBe(true);
});
