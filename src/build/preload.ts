import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AstroIntegration } from 'astro';

/** The scripts that a script of the build imports, by name. What it imports only later, by a call, is not among them. */
export const importsOf = (script: string): string[] =>
  [...script.matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([\w.$-]+\.js)["']/g)].map(([, name]) => name!);

/** The addresses of the scripts that a page begins with: its own, and those of islands that wait for nothing. */
export function begunWith(html: string): string[] {
  const islands = [...html.matchAll(/<astro-island [^>]*>/g)]
    .map(([tag]) => tag)
    .filter((tag) => tag.includes('client="load"'));
  const urls = islands.flatMap((tag) =>
    [...tag.matchAll(/(?:component|renderer)-url="([^"]+)"/g)].map(([, url]) => url!),
  );
  const own = [...html.matchAll(/<script type="module" src="([^"]+)"/g)].map(([, url]) => url!);
  return [...new Set([...own, ...urls])];
}

/**
 * Names in each page's head all scripts that it begins with, so that they come together. Otherwise a browser learns of each script from the one that
 * imports it, one round after the other.
 */
export const preload = (): AstroIntegration => ({
  name: 'preload',
  hooks: {
    'astro:build:done': async ({ dir }) => {
      const root = fileURLToPath(dir);
      const files = await readdir(root, { recursive: true });
      const folder = join(root, '_astro');
      const imported = new Map<string, string[]>();
      for (const file of await readdir(folder))
        if (file.endsWith('.js')) imported.set(file, importsOf(await readFile(join(folder, file), 'utf8')));
      for (const file of files.filter((name) => name.endsWith('.html'))) {
        const html = await readFile(join(root, file), 'utf8');
        await writeFile(join(root, file), withPreloads(html, imported));
      }
    },
  },
});

function withPreloads(html: string, imported: ReadonlyMap<string, string[]>): string {
  const first = begunWith(html);
  const wanted = new Set(first);
  // A set that grows while it is walked is walked to its end.
  for (const url of wanted) {
    const at = url.lastIndexOf('/') + 1;
    for (const name of imported.get(url.slice(at)) ?? []) wanted.add(url.slice(0, at) + name);
  }
  const links = [...wanted].map((url) => `<link rel="modulepreload" href="${url}">`).join('');
  return html.replace('</head>', `${links}</head>`);
}
