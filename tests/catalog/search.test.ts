import { describe, expect, test } from 'vitest';
import { buildIndex, openIndex, searchable } from '../../src/catalog/search.ts';
import { entries } from './entries.ts';

const index = buildIndex(entries.map(({ id, data, body }) => searchable(id, data, body)));
const search = openIndex(index);
const best = (query: string) => [...(search(query) ?? [])].sort(([, a], [, b]) => b - a).map(([slug]) => slug);

describe('the index finds', () => {
  test.for([
    ['snapkv', 'snapkv'],
    ['SnapKV', 'snapkv'],
    ['snap', 'snapkv'],
    ['snpakv', undefined],
    ['snapkw', 'snapkv'],
    ['ada-kv', 'adakv'],
    ['adakv', 'adakv'],
    ['ada kv', 'adakv'],
    ['heavy hitters', 'h2o'],
    ['Kalnis', 'polykv'],
    ['streaming', 'streaming-llm'],
    ['paged', 'pagedattention'],
  ] as const)('%s', ([query, slug]) => {
    if (slug) expect(best(query)[0]).toBe(slug);
    else expect(best(query)).not.toContain('h2o');
  });

  test('what stands only in the text', () => {
    expect(best('BrowseComp-Plus')).toContain('intentkv');
  });

  test('entries that have all words, not some', () => {
    expect(best('sinks zebra')).toEqual([]);
  });

  test('nothing where nothing is asked, which is something else than no result', () => {
    expect(search('')).toBeUndefined();
    expect(search(' - ')).toBeUndefined();
    expect(search('qqqqqqq')).toEqual(new Map());
  });
});
