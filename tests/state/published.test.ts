import { describe, expect, test } from 'vitest';
import { published, showing } from '../../src/cli/links.ts';
import { readLink, writeLink } from '../../src/state/link.ts';
import { pictures } from '../../src/state/view.ts';

const links = published();
const viewOf = (link: string) => readLink(link.split('?')[1] ?? '').view;

describe('what a link shows today it shows in a year', () => {
  test('at least twenty links, over every figure with a run and every view', () => {
    expect(links.length).toBeGreaterThanOrEqual(20);
    expect(new Set(links.map(({ link }) => viewOf(link).view))).toEqual(new Set(pictures));
    expect(new Set(links.map(({ link }) => link.split('?')[0]))).toEqual(
      new Set(['figure/comparison/', 'figure/curve/', 'lab/']),
    );
  });

  // Written anew by `npm run links -- --write`, and only on purpose.
  test.each(links)('$link', ({ link, shows }) => {
    expect(JSON.parse(JSON.stringify(showing(link)))).toEqual(shows);
  });

  test.each(links)('is written as it was read: $link', ({ link }) => {
    expect(viewOf(`?${writeLink(viewOf(link))}`)).toEqual(viewOf(link));
  });
});
