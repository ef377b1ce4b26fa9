/** The files of content/methods, read without Astro. */
import { parseFrontmatter } from '@astrojs/internal-helpers/frontmatter';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { method, type Entry } from '../../src/catalog/schema.ts';

const folder = resolve(import.meta.dirname, '../../content/methods');

export interface FileEntry extends Entry {
  readonly body: string;
}

export const parse = (text: string) => {
  const { frontmatter, content } = parseFrontmatter(text);
  return { result: method.safeParse(frontmatter), keys: Object.keys(frontmatter), body: content };
};

export const files = readdirSync(folder)
  .filter((file) => file.endsWith('.md'))
  .sort();

/** Every entry that fits the schema; a test says which do not. */
export const entries: readonly FileEntry[] = files.flatMap((file) => {
  const { result, body } = parse(readFileSync(join(folder, file), 'utf8'));
  return result.success ? [{ id: file.replace(/\.md$/, ''), data: result.data, body }] : [];
});

export const entry = (id: string): FileEntry => entries.find((entry) => entry.id === id) ?? expectEntry(id);

function expectEntry(id: string): never {
  throw new Error(`There is no entry "${id}".`);
}
