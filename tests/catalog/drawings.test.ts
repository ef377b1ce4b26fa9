import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { entries } from './entries.ts';

const folder = resolve(import.meta.dirname, '../../src/pictures');
const files = readdirSync(folder).filter((file) => file.endsWith('.svelte'));
const drawn = files.map((file) => file.replace(/\.svelte$/, ''));

test('every system of the founding list runs here or is drawn', () => {
  const founding = entries.filter(({ data }) => data.founding !== undefined);
  expect(founding).toHaveLength(23);
  expect(founding.filter(({ id, data }) => !('lane' in data.runs) && !drawn.includes(id)).map(({ id }) => id)).toEqual(
    [],
  );
});

test('every drawing belongs to an entry', () => {
  expect(drawn.filter((slug) => !entries.some(({ id }) => id === slug))).toEqual([]);
});

test.for(files)('%s says in one sentence what it shows', (file) => {
  const source = readFileSync(join(folder, file), 'utf8');
  const [, , sentence = ''] = /export const sentence =\s*(['"])(.*?)\1;/.exec(source) ?? [];
  expect(sentence.split(' ').length).toBeGreaterThan(15);
  expect(sentence.split(' ').length).toBeLessThan(60);
  expect(sentence).toMatch(/^[A-Z][^.]*\.$/);
});
