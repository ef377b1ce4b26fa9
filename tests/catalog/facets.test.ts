import { describe, expect, test } from 'vitest';
import { facetKeys, facets, filter, sort, type Facet } from '../../src/catalog/facets.ts';
import { usualState } from '../../src/catalog/query.ts';
import { needsOf, toRow } from '../../src/catalog/rows.ts';
import { entries } from './entries.ts';
import { row } from './rows.ts';

const rows = [
  row('a', { levers: ['evict'], date: '2024-02', lane: 'a' }),
  row('b', { levers: ['page', 'fetch'], date: '2024', founding: 2 }),
  row('c', { levers: ['fetch'], date: '2026-01-09', founding: 1 }),
  row('D', {
    levers: [],
    needs: { attention: 'full', queries: 'yes', training: 'calibration', secondModel: 'partly' },
  }),
];
const slugs = (list: readonly { slug: string }[]) => list.map(({ slug }) => slug).join('');

describe('filter', () => {
  test('nothing chosen leaves all, each counted in every facet', () => {
    const { rows: left, counts } = filter(rows, usualState);
    expect(slugs(left)).toBe('abcD');
    expect(counts.lever).toEqual({ evict: 1, page: 1, compress: 0, fetch: 2, read: 0, reuse: 0, train: 0, none: 1 });
    expect(counts.runs).toEqual({ yes: 1, 'not-yet': 3 });
    expect(counts.gqa).toMatchObject({ yes: 0, partly: 0, no: 0, 'not-stated': 4, 'not-looked-up': 0 });
  });

  test('values of one facet are alternatives, and facets narrow each other', () => {
    expect(slugs(filter(rows, { ...usualState, lever: ['evict', 'fetch'] }).rows)).toBe('abc');
    expect(slugs(filter(rows, { ...usualState, lever: ['evict', 'fetch'], founding: ['yes'] }).rows)).toBe('bc');
    expect(slugs(filter(rows, { ...usualState, attention: ['full'], lever: ['evict'] }).rows)).toBe('');
  });

  test('a count says what choosing that value alone in its facet would leave', () => {
    const { counts } = filter(rows, { ...usualState, lever: ['page'], founding: ['yes'] });
    // Of the two founding entries one is on page and fetch, the other on fetch.
    expect(counts.lever).toMatchObject({ page: 1, fetch: 2, evict: 0 });
    // Of the one on page, one is founding.
    expect(counts.founding).toEqual({ yes: 1, no: 0 });
    expect(counts.attention).toMatchObject({ none: 1, full: 0 });
  });

  test('every count of the real catalog is what a reader finds who chooses it', () => {
    const real = entries.map(toRow);
    const before = { ...usualState, training: ['none'] };
    const { counts } = filter(real, before);
    for (const key of facetKeys)
      for (const { id } of (facets[key] as Facet).values) {
        expect([key, id, counts[key][id]]).toEqual([key, id, filter(real, { ...before, [key]: [id] }).rows.length]);
      }
  });

  test('only what the search found is left and counted', () => {
    const { rows: left, counts } = filter(rows, usualState, new Map([['b', 1]]));
    expect(slugs(left)).toBe('b');
    expect(counts.runs).toEqual({ yes: 0, 'not-yet': 1 });
  });

  test('every value of every entry is one that its facet lists', () => {
    const strangers = entries.map(toRow).flatMap((one) =>
      facetKeys.flatMap((key) => {
        const { values, of }: Facet = facets[key];
        return of(one)
          .filter((value) => !values.some(({ id }) => id === value))
          .map((value) => `${one.slug} ${key} ${value}`);
      }),
    );
    expect(strangers).toEqual([]);
  });
});

describe('sort', () => {
  test.for([
    ['usual', 'abcD'],
    ['name', 'abcD'],
    ['newest', 'cabD'],
    ['oldest', 'bacD'],
    ['founding', 'cbaD'],
  ] as const)('%s', ([by, expected]) => {
    expect(slugs(sort([...rows].reverse(), by))).toBe(expected);
  });

  test('the usual order while something is searched is by how well it matches', () => {
    expect(
      slugs(
        sort(
          rows,
          'usual',
          new Map([
            ['a', 1],
            ['b', 3],
            ['c', 2],
            ['D', 2],
          ]),
        ),
      ),
    ).toBe('bcDa');
    expect(
      slugs(
        sort(
          rows,
          'newest',
          new Map([
            ['a', 9],
            ['c', 1],
          ]),
        ),
      ),
    ).toBe('cabD');
  });
});

test('needs are said in words, and nothing where nothing is needed', () => {
  expect(needsOf(rows[0]!)).toEqual([]);
  expect(needsOf(rows[3]!)).toEqual(['all attention scores', 'calibration', 'a second model, in part']);
});
