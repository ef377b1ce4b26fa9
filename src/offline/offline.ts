import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { injectManifest } from '@serwist/build';
import type { AstroIntegration } from 'astro';
import { build } from 'vite';

const worker = fileURLToPath(new URL('sw.ts', import.meta.url));

/** Everything that a page may ask for. Feeds and tables are for other programs. */
const pages = '**/*.{html,js,css,woff2,svg,safetensors}';
const data = '{models,methods}/**/*.json';
const unasked = ['sw*.js', 'readme.png'];

/** Compiles the service worker into the site, with the list of all files of this build and their digests. */
export const offline = (): AstroIntegration => ({
  name: 'offline',
  hooks: {
    'astro:build:done': async ({ dir, logger }) => {
      const root = fileURLToPath(dir);
      await build({
        configFile: false,
        logLevel: 'warn',
        publicDir: false,
        build: {
          outDir: root,
          emptyOutDir: false,
          rolldownOptions: { input: worker, output: { format: 'iife', entryFileNames: 'sw-bare.js' } },
        },
      });
      const { count, size } = await injectManifest({
        swSrc: `${root}sw-bare.js`,
        swDest: `${root}sw.js`,
        globDirectory: root,
        globPatterns: [pages, data],
        globIgnores: unasked,
        // Names under _astro carry a digest already.
        dontCacheBustURLsMatching: /_astro\//,
        maximumFileSizeToCacheInBytes: 8e6,
      });
      await rm(`${root}sw-bare.js`);
      logger.info(`${count} files, ${(size / 1e6).toFixed(1)} MB, can be read offline`);
    },
  },
});
