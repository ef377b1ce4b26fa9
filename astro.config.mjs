import { satteri } from '@astrojs/markdown-satteri';
import svelte from '@astrojs/svelte';
import { defineConfig } from 'astro/config';
import { math } from './src/components/math.ts';
import { declarations } from './src/build/declarations.ts';
import { early } from './src/build/early.ts';
import { preload } from './src/build/preload.ts';
import { offline } from './src/offline/offline.ts';

// SITE (https://example.org) and BASE (/palimpsest) say where the site will stand; without them it stands at the root of any host.
const { SITE, BASE } = process.env;

export default defineConfig({
  ...(SITE && { site: SITE }),
  ...(BASE && { base: BASE }),
  trailingSlash: 'always',
  // 'jsx', the default, would eat the space at a line break between two inline elements.
  compressHTML: true,
  build: { format: 'directory', inlineStylesheets: 'never' },
  devToolbar: { enabled: false },
  // The list of what can be read offline is made of finished pages.
  integrations: [svelte(), early(), preload(), offline()],
  markdown: {
    // Shiki colours code by inline styles, which the policy below forbids; Prism uses classes.
    syntaxHighlight: 'prism',
    processor: satteri({ features: { math: true }, mdastPlugins: [math] }),
  },
  security: {
    csp: {
      directives: [
        "default-src 'none'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
      ],
      // The engine's kernels are a WebAssembly module. Hashes of inline scripts are added by Astro.
      scriptDirective: { resources: ["'self'", "'wasm-unsafe-eval'"] },
      styleDirective: { resources: ["'self'"] },
    },
  },
  vite: {
    plugins: [declarations()],
    // One script, as a worker that has to ask for others first is ready later.
    worker: { format: 'es', rolldownOptions: { output: { codeSplitting: false } } },
    build: { assetsInlineLimit: 0 },
  },
});
