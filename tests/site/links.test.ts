import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { describe, expect, test } from 'vitest';
import { fileOf } from '../../src/cli/serve.ts';
import { base, dist, pages } from './dist.ts';

const host = 'http://site.invalid';
const documents = new Map<string, Document>();

/** The parsed file, made once. */
function documentOf(file: string): Document {
  const known = documents.get(file) ?? new JSDOM(readFileSync(file)).window.document;
  documents.set(file, known);
  return known;
}

/** Everything that a page of this site names by address and that should be there too. */
function references(page: string): URL[] {
  const document = documentOf(fileOf(dist, base + page, base) ?? join(dist, page));
  const named = [...document.querySelectorAll('[href], [src], [component-url], [renderer-url]')].flatMap((element) =>
    ['href', 'src', 'component-url', 'renderer-url']
      .map((name) => element.getAttribute(name))
      .filter((value) => value !== null),
  );
  return named.map((address) => new URL(address, host + base + page)).filter(({ origin }) => origin === host);
}

function missing({ pathname, search, hash }: URL): string | undefined {
  const file = fileOf(dist, pathname, base);
  if (!file) return `${pathname} is no file`;
  // A fragment with "=" is the state of a figure, which tests/state looks after.
  if (
    hash &&
    !hash.includes('=') &&
    file.endsWith('.html') &&
    !documentOf(file).getElementById(decodeURIComponent(hash.slice(1)))
  )
    return `${pathname}${search}${hash} is no place`;
  return undefined;
}

describe.for(pages)('/%s', (page) => {
  test('everything it refers to is there', () => {
    expect(references(page).map(missing).filter(Boolean)).toEqual([]);
  });

  test('nothing is loaded from elsewhere', () => {
    const document = documentOf(fileOf(dist, base + page, base) ?? join(dist, page));
    const loaded = [
      ...document.querySelectorAll(
        'script[src], link[rel~="stylesheet"], link[rel~="preload"], link[rel~="icon"], img[src], iframe[src]',
      ),
    ];
    const addresses = loaded.map((element) => element.getAttribute('src') ?? element.getAttribute('href') ?? '');
    expect(addresses.filter((address) => !/^(data:|\/(?!\/))/.test(address))).toEqual([]);
  });
});
