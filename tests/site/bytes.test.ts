import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { brotli, fileOf } from '../../src/cli/serve.ts';
import { base, dist, files, pages } from './dist.ts';
import { visit } from './visit.ts';

// Bytes as a host sends them: brotli at its best, fonts as they are.
const budget = { scripts: 100_000, models: 2_000_000, styles: 30_000, fonts: 350_000 };

const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
const packed = (paths: string[]) => sum(paths.map((path) => brotli(path, 11).length));
const built = (end: RegExp) => files.filter((file) => end.test(file)).map((file) => join(dist, file));

test.concurrent.for(pages)(`/%s asks for at most ${budget.scripts} bytes of scripts before anybody touches it`, async (page) => {
  const requests = await visit(page, { viewport: { width: 1440, height: 900 } }, async ({ requests }) => requests);
  const scripts = new Set(requests.filter((url) => url.startsWith(inject('address')) && /\.m?js$/.test(new URL(url).pathname)));
  expect(packed([...scripts].flatMap((url) => fileOf(dist, url, base) ?? []))).toBeLessThanOrEqual(budget.scripts);
});

test(`all models together are at most ${budget.models} bytes`, () => {
  expect(packed(built(/^models\//))).toBeLessThanOrEqual(budget.models);
});

test(`all styles together are at most ${budget.styles} bytes`, () => {
  expect(packed(built(/\.css$/))).toBeLessThanOrEqual(budget.styles);
});

test(`all fonts together are at most ${budget.fonts} bytes`, () => {
  expect(sum(built(/\.woff2$/).map((file) => statSync(file).size))).toBeLessThanOrEqual(budget.fonts);
});
