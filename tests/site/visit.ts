/** Opens pages of the built site and notes whatever goes wrong in them. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, inject } from 'vitest';

let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

export const theBrowser = () => (browser ??= chromium.connect(inject('browser')));

export interface Visit {
  page: Page;
  /** One line for each thing that should not have happened. */
  wrong: string[];
  /** The address of every file that the page asked for. */
  requests: string[];
}

/** Loads a page, waits until it is quiet, and hands it to `look`; then forgets it. */
export async function visit<T>(
  path: string,
  options: BrowserContextOptions,
  look: (visit: Visit) => Promise<T>,
): Promise<T> {
  // Pages are looked at as on a first visit; what is stored for later has its own tests.
  const context = await (await theBrowser()).newContext({ serviceWorkers: 'block', ...options });
  try {
    const page = await context.newPage();
    const { wrong, requests } = await listen(page);
    await page.goto(inject('address') + path);
    await page.waitForLoadState('networkidle');
    await page.evaluate('document.fonts.ready');
    return await look({ page, wrong, requests });
  } finally {
    await context.close();
  }
}

async function listen(page: Page): Promise<Pick<Visit, 'wrong' | 'requests'>> {
  const wrong: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`thrown: ${error.message}`));
  page.on('requestfailed', (request) => wrong.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on('response', (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    requests.push(request.url());
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(inject('address')))
      wrong.push(`third party: ${request.url()}`);
  });
  await page.exposeFunction('reportViolation', (text: string) => wrong.push(`policy: ${text}`));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      (globalThis as unknown as { reportViolation(text: string): void }).reportViolation(
        `${event.effectiveDirective} ${event.blockedURI} ${event.sample}`,
      );
    });
  });
  return { wrong, requests };
}
