/** What the build has made. */
import { readdirSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

export const dist = resolve(import.meta.dirname, '../../dist');

/** Where the site stands on its host, as in the build. */
export const base = `/${process.env['BASE'] ?? ''}/`.replace(/\/+/g, '/');

/** Every file, as a path from dist with forward slashes. */
export const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(dist.length + 1)
      .split(sep)
      .join('/'),
  )
  .sort();

/** Every page, as its address from the base: '', 'lab/', '404.html'. */
export const pages = files
  .filter((file) => file.endsWith('.html'))
  .map((file) => file.replace(/(^|\/)index\.html$/, '$1'));
