import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { brotli } from '../../src/cli/serve.ts';
import { dist, files } from './dist.ts';

// Bytes as a host sends them: brotli at its best, fonts as they are. What scripts a page asks for is measured where it is visited, in pages.test.ts.
const budget = { models: 3_200_000, styles: 30_000, fonts: 120_000, rareFonts: 370_000 };

const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
const packed = (paths: string[]) => sum(paths.map((path) => brotli(path, 11).length));
const built = (end: RegExp) => files.filter((file) => end.test(file)).map((file) => join(dist, file));

test(`all models together are at most ${budget.models} bytes`, () => {
  expect(packed(built(/^models\//))).toBeLessThanOrEqual(budget.models);
});

test(`all styles together are at most ${budget.styles} bytes`, () => {
  expect(packed(built(/\.css$/))).toBeLessThanOrEqual(budget.styles);
});

const bytes = (paths: string[]) => sum(paths.map((path) => statSync(path).size));

test(`the fonts of the first view are at most ${budget.fonts} bytes, those for rare characters ${budget.rareFonts}`, () => {
  const rare = /-latin(-ext)?-\w+-(normal|italic)\.[^/]*woff2$/;
  const fonts = built(/\.woff2$/);
  const first = fonts.filter((file) => !rare.test(file));
  expect(first).toHaveLength(3);
  expect(bytes(first)).toBeLessThanOrEqual(budget.fonts);
  expect(bytes(fonts.filter((file) => rare.test(file)))).toBeLessThanOrEqual(budget.rareFonts);
});
