/** One server and one browser for all files of this project; the files find them by what is provided here. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { serve } from '../../src/cli/serve.ts';
import { launchOptions } from '../browser.ts';
import { base, dist } from './dist.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the built site is served, with the slash at the end. */
    address: string;
    /** How Playwright reaches the browser. */
    browser: string;
  }
}

export default async function setup({ provide }: TestProject) {
  if (!existsSync(join(dist, 'index.html'))) throw new Error('There is no built site in dist: npm run build makes it.');
  const { server, address } = await serve(dist, 0, base);
  const browser = await chromium.launchServer(await launchOptions());
  provide('address', address);
  provide('browser', browser.wsEndpoint());
  return async () => {
    await browser.close();
    server.close();
  };
}
