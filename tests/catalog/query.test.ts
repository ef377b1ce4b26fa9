import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { facetKeys, facets, sorts, type Facet } from '../../src/catalog/facets.ts';
import { mostCompared, readQuery, usualState, views, writeQuery, type CatalogState } from '../../src/catalog/query.ts';

const known = new Set(['snapkv', 'kivi', 'quest', 'h2o', 'tova', 'mla', 'gqa', 'mqa']);
const read = (query: string) => readQuery(query, known);

describe('an address is read', () => {
  test('nothing is the plain catalog', () => {
    expect(read('')).toEqual({ state: usualState, problems: [] });
    expect(usualState).toMatchObject({ q: '', sort: 'usual', view: 'list', compare: [], lever: [] });
  });

  test('facets, search, order and view', () => {
    expect(read('?v=1&q=heavy+hitter&fused=yes,partly&training=none&sort=newest&view=map')).toEqual({
      state: {
        ...usualState,
        q: 'heavy hitter',
        fused: ['yes', 'partly'],
        training: ['none'],
        sort: 'newest',
        view: 'map',
      },
      problems: [],
    });
  });

  test('entries to compare are compared, unless another view is asked for', () => {
    expect(read('?compare=snapkv,kivi').state).toMatchObject({ compare: ['snapkv', 'kivi'], view: 'compare' });
    expect(read('?compare=snapkv,kivi&view=list').state).toMatchObject({ compare: ['snapkv', 'kivi'], view: 'list' });
  });
});

describe('what is wrong is repaired and named', () => {
  test.for([
    [
      'lever=evict,steal',
      { lever: ['evict'] },
      'lever: there is no "steal"; there is evict, page, compress, fetch, read, reuse, train, none.',
    ],
    [
      'sort=random',
      { sort: 'usual' },
      'sort must be usual or name or newest or oldest or founding, not "random"; usual is used.',
    ],
    ['view=', { view: 'list' }, 'view must be list or timeline or map or compare, not ""; list is used.'],
    ['compare=snapkv,nowhere', { compare: ['snapkv'] }, 'There is no entry "nowhere" to compare.'],
    [
      'compare=snapkv,kivi,quest,h2o,tova,mla,gqa',
      { compare: ['snapkv', 'kivi', 'quest', 'h2o', 'tova', 'mla'] },
      `Only the first ${mostCompared} of 7 entries are compared.`,
    ],
    [`q=${'a'.repeat(101)}`, { q: 'a'.repeat(100) }, 'Only the first 100 characters are searched for.'],
    ['v=9&lever=page', { lever: ['page'] }, 'This link has version "9"; it was read as version 1.'],
    ['colour=red', {}, 'Unknown and left out: colour.'],
  ] as const)('%s', ([query, state, problem]) => {
    expect(read(query)).toEqual({
      state: { ...usualState, ...(state as object), ...('compare' in state && { view: 'compare' }) },
      problems: [problem],
    });
  });
});

describe('an address is written', () => {
  test('plain where nothing was chosen', () => {
    expect(writeQuery(usualState)).toBe('');
  });

  test('readable, with what differs from the plain catalog', () => {
    expect(writeQuery({ ...usualState, q: 'ada kv', fused: ['yes', 'partly'], sort: 'name' })).toBe(
      'v=1&q=ada+kv&fused=yes,partly&sort=name',
    );
    expect(writeQuery({ ...usualState, compare: ['snapkv', 'kivi'], view: 'compare' })).toBe('v=1&compare=snapkv,kivi');
    expect(writeQuery({ ...usualState, compare: ['snapkv'], view: 'list' })).toBe('v=1&view=list&compare=snapkv');
  });
});

const someOf = <T>(values: readonly T[], maxLength = values.length) => fc.subarray([...values], { maxLength });
const states: fc.Arbitrary<CatalogState> = fc.record({
  q: fc.string({ maxLength: 100 }),
  sort: fc.constantFrom(...sorts),
  view: fc.constantFrom(...views),
  compare: someOf([...known], mostCompared),
  ...Object.fromEntries(facetKeys.map((key) => [key, someOf((facets[key] as Facet).values.map(({ id }) => id))])),
}) as unknown as fc.Arbitrary<CatalogState>;

test('what is written is read back as it was', () => {
  fc.assert(
    fc.property(states, (state) => {
      expect(read(writeQuery(state))).toEqual({ state, problems: [] });
    }),
    { numRuns: 500 },
  );
});

test('2,000 hostile addresses give a state that can be shown', () => {
  const names = [...Object.keys(usualState), 'v', '__proto__', 'constructor', 'toString', '%', ''];
  const values = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom('evict', 'yes', 'not-stated', '__proto__', 'snapkv,snapkv', ',,,', 'NaN', '%00', '%FF', '<script>'),
  );
  const hostile = fc
    .array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 12 })
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (query) => {
      const { state, problems } = read(query);
      expect(Object.keys(state).sort()).toEqual(Object.keys(usualState).sort());
      expect(views).toContain(state.view);
      expect(sorts).toContain(state.sort);
      expect(state.compare.length).toBeLessThanOrEqual(mostCompared);
      expect(state.compare.every((slug) => known.has(slug))).toBe(true);
      expect(
        facetKeys.filter((key) =>
          state[key].some((value) => !(facets[key] as Facet).values.some(({ id }) => id === value)),
        ),
      ).toEqual([]);
      expect(problems.every((problem) => problem.endsWith('.'))).toBe(true);
      expect(read(writeQuery(state)).state).toEqual(state);
    }),
    { numRuns: 2000 },
  );
}, 60_000);
