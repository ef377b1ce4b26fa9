/** What a reader saves is what a reader saw: each figure's files are drawn again and laid beside the screen, pixel by pixel. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { pictures, defaultView } from '../../src/state/view.ts';
import { writeLink } from '../../src/state/link.ts';
import { files } from './dist.ts';
import { visit } from './visit.ts';
import { Resvg } from '@resvg/resvg-js';

const folder = mkdtempSync(join(tmpdir(), 'palimpsest-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Paper around a saved picture, in pixels (src/figures/saved/svg.ts). */
const margin = 24;

async function saved(page: Page, kind: 'SVG' | 'PNG' | 'CSV'): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page
      .getByRole('button', { name: `save ${kind}` })
      .first()
      .evaluate((button: HTMLElement) => button.click()),
  ]);
  const file = join(folder, `${Math.random()}.${kind}`);
  await download.saveAs(file);
  return readFileSync(file);
}

/** The figure on the screen without its controls, as a PNG. */
async function screen(page: Page): Promise<Buffer> {
  const picture = page.locator('.picture').first();
  await picture.evaluate((node) => node.closest('.figure')!.classList.add('saving'));
  const shot = await picture.screenshot({ animations: 'disabled' });
  await picture.evaluate((node) => node.closest('.figure')!.classList.remove('saving'));
  return shot;
}

interface Compared {
  readonly size: readonly number[];
  /** Share of the screen's ink, which is what differs from paper, that the file lacks or has elsewhere by more than a pixel. */
  readonly off: number;
  /** Share of the picture that is ink. */
  readonly ink: number;
}

/** Lays two pictures over each other. Letters fall on other parts of pixels when they are drawn by another way, so both are looked at with a soft eye. */
async function compare(page: Page, shot: Buffer, file: Buffer, type: string): Promise<Compared> {
  const beside = await page.context().newPage();
  const found = await beside.evaluate(
    async ({ one, other, margin }) => {
      const open = async (source: string) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        // The fonts inside are read after that.
        await new Promise((resolve) => setTimeout(resolve, 250));
        return image;
      };
      const [screen, drawn] = [await open(one), await open(other)];
      const [width, height] = [screen.naturalWidth, screen.naturalHeight];
      const scale = drawn.naturalWidth / (width + 2 * margin);
      const pixels = (draw: (context: CanvasRenderingContext2D) => void) => {
        const canvas = Object.assign(document.createElement('canvas'), { width, height });
        const context = canvas.getContext('2d')!;
        context.filter = 'blur(1.5px)';
        draw(context);
        return context.getImageData(0, 0, width, height).data;
      };
      const whole = Math.round(scale);
      const a = pixels((context) => context.drawImage(screen, 0, 0));
      const paper = [a[0]!, a[1]!, a[2]!];
      const far = (from: ArrayLike<number>, at: number, to: ArrayLike<number>, there: number) =>
        Math.max(...[0, 1, 2].map((i) => Math.abs(from[at + i]! - to[there + i]!)));
      const size = [drawn.naturalWidth / whole, drawn.naturalHeight / whole] as const;
      // The screen puts lines of text on whole pixels, wherever on the page the picture begins.
      const tried = [-0.5, 0, 0.5].map((down) => {
        const b = pixels((context) => context.drawImage(drawn, -margin, down - margin, ...size));
        let [ink, off] = [0, 0];
        for (let at = 0; at < a.length; at += 4) {
          const inked = Math.max(far(a, at, paper, 0), far(b, at, paper, 0)) > 24;
          ink += Number(inked);
          off += Number(inked && far(a, at, b, at) > 40);
        }
        return { size: [size[0] - width, size[1] - height], off: off / ink, ink: (4 * ink) / a.length };
      });
      return tried.reduce((best, one) => (one.off < best.off ? one : best));
    },
    {
      one: `data:image/png;base64,${shot.toString('base64')}`,
      other: `data:${type};base64,${file.toString('base64')}`,
      margin,
    },
  );
  await beside.close();
  return found;
}

const views = pictures.map((view) => ({
  name: `the comparison's ${view}`,
  path: `figure/comparison/?${writeLink({ ...defaultView, seed: 7, length: 128, keep: 0.3, lanes: ['full', 'snapkv', 'kivi', 'kvflash(every=1)'], view })}`,
  ready: '.lane:nth-child(4)[data-causes]',
}));
const ids = files.flatMap((file) => /^figure\/([^/]+)\/index\.html$/.exec(file)?.[1] ?? []);
const alone = ids
  .filter((id) => id !== 'comparison')
  .map((id) => ({
    name: id,
    path: `figure/${id}/${id === 'curve' ? '?v=1&texts=3&length=96' : ''}`,
    ready: id === 'curve' ? '.chart svg' : '.figure',
  }));

/** Colours come from one table, so that in the dark every view of the comparison and every fourth figure say whether it is used. */
const looks = {
  light: [...views, ...alone],
  dark: [...views, ...alone.filter((_, i) => i % 4 === 0)],
};

describe.each(['light', 'dark'] as const)('in the %s', (colorScheme) => {
  test.concurrent.each(looks[colorScheme])('$name is saved as it is seen', async ({ path, ready }) => {
    const options = {
      viewport: { width: 1100, height: 900 },
      colorScheme,
      reducedMotion: 'reduce',
      acceptDownloads: true,
    } as const;
    await visit(path, options, async ({ page, wrong }) => {
      await page.locator(ready).first().waitFor({ timeout: 30_000 });
      if (path.includes('curve')) await page.locator('.chart svg[aria-label$="after 3 texts"]').waitFor();
      await page.waitForTimeout(900);
      const shot = await screen(page);
      const svg = await saved(page, 'SVG');
      const png = await saved(page, 'PNG');
      for (const [file, type] of [
        [svg, 'image/svg+xml'],
        [png, 'image/png'],
      ] as const) {
        const { size, off, ink } = await compare(page, shot, file, type);
        expect(Math.max(...size.map((length) => Math.abs(length - 2 * margin)))).toBeLessThanOrEqual(1);
        expect(ink).toBeGreaterThan(0.01);
        // Rows that are thinner than two pixels fall on whole ones on the screen, and each elsewhere.
        expect(off, type).toBeLessThan(path.includes('view=pages') ? 0.06 : 0.02);
      }
      expect(wrong).toEqual([]);
    });
  });
});

/** How much of a picture is not paper, in whole pixels, and what it is where words are. */
const inked = (pixels: Buffer) => {
  let count = 0;
  for (let at = 0; at < pixels.length; at += 4)
    count += Number([0, 1, 2].some((i) => Math.abs(pixels[at + i]! - pixels[i]!) > 40));
  return count / (pixels.length / 4);
};

test('another program draws the file, with the words, lines and hatching that it has here', async () => {
  const options = { viewport: { width: 1100, height: 900 }, colorScheme: 'light', acceptDownloads: true } as const;
  await visit(views[0]!.path, options, async ({ page }) => {
    await page.locator(views[0]!.ready).first().waitFor({ timeout: 30_000 });
    await page.waitForTimeout(900);
    const svg = (await saved(page, 'SVG')).toString();
    const drawn = new Resvg(svg, { font: { loadSystemFonts: true } }).render();
    const box = await page.locator('.picture').first().boundingBox();
    expect(Math.abs(drawn.width - 2 * margin - box!.width)).toBeLessThanOrEqual(1);
    // It has other fonts, so letters differ; how much is drawn does not.
    expect(inked(Buffer.from(drawn.pixels))).toBeGreaterThan(0.05);
    const [r, g, b] = drawn.pixels;
    expect([r, g, b], 'paper').toEqual([245, 241, 230]);
    // What it would leave out: colours that only browsers know, and patterns and clips that are named and not there.
    expect(svg).not.toMatch(/oklab|color-mix|light-dark|var\(/);
    for (const [, id] of svg.matchAll(/url\(#([\w-]+)\)/g)) expect(svg, id).toContain(`id="${id}"`);
    const bare = new Resvg(svg.replaceAll(/ fill="url\(#[\w-]+\)"/g, ' fill="none"')).render();
    expect(inked(Buffer.from(drawn.pixels)), 'hatching').toBeGreaterThan(inked(Buffer.from(bare.pixels)));
  });
});

test('files say what they show and where that came from', async () => {
  const options = { viewport: { width: 1100, height: 900 }, acceptDownloads: true } as const;
  await visit('', { ...options, reducedMotion: 'reduce' }, async ({ page }) => {
    await page.waitForTimeout(1200);
    const svg = (await saved(page, 'SVG')).toString();
    const words = svg
      .replace(/<style>.*?<\/style>/s, '')
      .replace(/<[^>]*>/g, '')
      .replaceAll(/\s/g, '');
    for (const part of ['Fivememories,onetext,onebudget', 'With30%ofthecache', '/figure/comparison/?v=1'])
      expect(words).toContain(part);
    expect(svg).toContain('src:url(data:font/woff2;base64,');
    for (const control of ['Play', 'Step', 'copy link', 'save PNG']) expect(svg).not.toContain(`>${control}<`);
    const [head, first] = (await saved(page, 'CSV')).toString().split('\r\n');
    expect(head).toMatch(/,caption,link$/);
    expect(first).toContain('With 30 % of the cache');
    expect(first).toMatch(/\/figure\/comparison\/\?v=1[^,]*/);
  });
});
