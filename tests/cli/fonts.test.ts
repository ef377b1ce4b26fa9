import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { charactersOf, rangeOf } from '../../src/cli/fonts.ts';

test('a range names characters, one by one or from one to another', () => {
  expect(charactersOf('U+20-22, U+41,\n    U+2212')).toBe(' !"A−');
});

test('every cut font has a face that says its characters, the whole of ASCII among them', () => {
  const css = readFileSync('src/styles/fonts.css', 'utf8');
  const files = readdirSync('src/styles/fonts').map((file) => file.replace(/\.woff2$/, ''));
  expect(files).toHaveLength(3);
  for (const file of files) {
    for (let code = 0x20; code < 0x7f; code++)
      expect(charactersOf(rangeOf(css, file))).toContain(String.fromCharCode(code));
  }
  expect(() => rangeOf(css, 'other')).toThrow('No face in fonts.css reads other.woff2');
});
