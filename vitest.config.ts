import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { launchOptions } from './tests/browser.ts';

export default defineConfig(async () => ({
  test: {
    projects: [
      {
        // The engine, the command line and the rules of the code, in Node.
        test: {
          name: 'engine',
          include: ['tests/*.test.ts', 'tests/{engine,calculator,cli,state,figures,catalog}/**/*.test.ts'],
          testTimeout: 30_000,
          // One a core on the smallest machine; by default one core would be left alone.
          maxWorkers: 2,
          // One project after the other: what a browser is waited for must not wait for the engine.
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The figures, mounted one by one in a browser. Not Astro's own config: it crashes Vitest's browser mode (withastro/astro#17248).
        plugins: [svelte()],
        // Asked for only when a chart is drawn: found as late as that, they would make Vite load the test anew.
        optimizeDeps: { include: ['@observablehq/plot', 'd3-scale', 'd3-shape'] },
        test: {
          name: 'islands',
          include: ['tests/islands/**/*.test.ts'],
          sequence: { groupOrder: 1 },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: await launchOptions() }),
            instances: [{ browser: 'chromium' as const, viewport: { width: 1280, height: 900 } }],
          },
        },
      },
      {
        // The built site, page by page, in a browser.
        test: {
          name: 'site',
          include: ['tests/site/**/*.test.ts'],
          globalSetup: ['tests/site/setup.ts'],
          testTimeout: 60_000,
          // A busy machine may take its time; what is waited for is the same.
          expect: { poll: { timeout: 10_000 } },
          // Half of a visit is waiting, so more files at a time than there are cores are quicker.
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
          maxConcurrency: 3,
        },
      },
    ],
  },
}));
