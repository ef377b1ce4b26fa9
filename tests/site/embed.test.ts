/** A figure in another page: as high as it needs to be there, and on paper one page. */
import { createServer } from 'node:http';
import { expect, inject, test } from 'vitest';
import { theBrowser, visit } from './visit.ts';

const viewport = { width: 1280, height: 800 };

/** Another site: another port is another origin. */
async function elsewhere(body: string) {
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end(`<!doctype html><body style="margin:0">${body}</body>`),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  return { address: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

test('the copied code shows the whole figure in a page of another origin, and follows its height', async () => {
  const code = await visit(
    'figure/comparison/?v=1&lanes=full;h2o&seed=7&length=96&keep=0.3',
    { viewport, permissions: ['clipboard-read', 'clipboard-write'] },
    async ({ page }) => {
      await page.waitForFunction(() => document.querySelectorAll('.lane[data-causes]').length === 2);
      await page.getByRole('button', { name: 'embed' }).click();
      await page.getByText('The embed code is copied.').waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    },
  );
  expect(code).toContain('allow="fullscreen; clipboard-write"');
  expect(Number(/height="(\d+)"/.exec(code)?.[1])).toBeGreaterThan(300);
  const other = await elsewhere(code);
  const context = await (await theBrowser()).newContext({ viewport, serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.goto(other.address);
  await expect.poll(() => page.frames().length).toBe(2);
  await page.waitForTimeout(1500);
  const frame = page.frames().find((one) => one.url().startsWith(inject('address')))!;
  await frame.waitForFunction(() => document.querySelectorAll('.lane[data-causes]').length === 2);
  const rest = () => frame.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  await expect.poll(rest, { timeout: 5000 }).toBeLessThanOrEqual(1);
  const height = async () => (await page.locator('iframe').boundingBox())!.height;
  const wide = await height();
  // In a narrow page lanes lie elsewhere and words take more lines.
  await page.setViewportSize({ width: 420, height: 800 });
  await expect.poll(height, { timeout: 5000 }).not.toBe(wide);
  await expect.poll(rest, { timeout: 5000 }).toBeLessThanOrEqual(1);
  await context.close();
  other.close();
});

test.each(['comparison/?v=1&lanes=full;h2o;snapkv&seed=7&length=512&keep=0.3', 'blocks/', 'equal-bytes/', 'keys/'])(
  'figure/%s is one page on paper, with its address',
  async (path) => {
    await visit(`figure/${path}`, { viewport }, async ({ page }) => {
      await page.waitForFunction(() => !document.querySelector('.awaits'));
      await page.waitForTimeout(800);
      const pdf = (
        await page.pdf({ format: 'A4', margin: { top: '12mm', bottom: '12mm', left: '12mm', right: '12mm' } })
      ).toString('latin1');
      expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('.picture .elsewhere').last().isVisible()).toBe(true);
      expect(await page.locator('.figure-menu').isVisible()).toBe(false);
    });
  },
);
