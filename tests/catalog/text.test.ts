import { describe, expect, test } from 'vitest';
import { citeEntry, citeWork, escapeTex } from '../../src/catalog/bibtex.ts';
import { settingOf, sourceName } from '../../src/catalog/claim.ts';
import { escapeXml, feed, sitemap } from '../../src/catalog/feed.ts';
import { countWords, proseProblems } from '../../src/catalog/prose.ts';
import { relationsOf } from '../../src/catalog/related.ts';
import { flat } from '../../src/catalog/table.ts';
import { headings, slugOf, template } from '../../src/catalog/template.ts';
import { method } from '../../src/catalog/schema.ts';
import { entries, entry, parse } from './entries.ts';

describe('BibTeX', () => {
  test('special characters are escaped, once', () => {
    expect(escapeTex('50% of R&D_1 {x} #2 $3 ~a^b \\c')).toBe(
      '50\\% of R\\&D\\_1 \\{x\\} \\#2 \\$3 \\textasciitilde{}a\\textasciicircum{}b \\textbackslash{}c',
    );
  });

  test('a paper with its number', () => {
    expect(citeWork('polykv', entry('polykv').data)).toBe(`@misc{polykv,
  title = {{PolyKV}},
  author = {Chao Fei and Panos Kalnis},
  year = {2026},
  eprint = {2606.15157},
  archiveprefix = {arXiv},
  url = {https://arxiv.org/abs/2606.15157},
}`);
  });

  test('nothing is made up: no author, no year, no work', () => {
    const { data } = entry('random');
    expect(citeWork('x', { ...data, name: 'K=V & {more}' })).not.toMatch(/author|year/);
    expect(citeWork('x', { ...data, links: [] })).toBeUndefined();
  });

  test('braces are balanced in every entry, whatever it holds', () => {
    for (const { id, data } of entries) {
      const text = `${citeWork(id, data) ?? ''}${citeEntry(id, data, 'https://example.org/}')}`.replace(/\\[{}]/g, '');
      expect([id, text.split('{').length]).toEqual([id, text.split('}').length]);
    }
  });
});

describe('a claim', () => {
  test('says its setting, and at the end what is not stated', () => {
    const open = 'not stated';
    expect(settingOf({ model: 'Qwen3-8B', benchmark: open, budget: '2 bits', baseline: open })).toBe(
      'Qwen3-8B; 2 bits; benchmark and baseline not stated',
    );
    expect(settingOf({ model: 'Qwen3-8B', benchmark: 'RULER', budget: '10 %', baseline: 'H2O 35' })).toBe(
      'Qwen3-8B; RULER; 10 %; against H2O 35',
    );
    expect(settingOf({ model: open, benchmark: open, budget: open, baseline: open })).toBe(
      'model, benchmark, budget and baseline not stated',
    );
  });

  test('names its source', () => {
    expect(sourceName('https://arxiv.org/abs/2404.14469')).toBe('arXiv 2404.14469');
    expect(sourceName('https://arxiv.org/pdf/2404.14469v2')).toBe('arXiv 2404.14469');
    expect(sourceName('https://www.example.org/a/b')).toBe('example.org');
  });
});

test('relations go both ways', () => {
  const titles = (id: string) =>
    Object.fromEntries(
      relationsOf(entry(id), entries).map(({ title, entries: list }) => [title, list.map((other) => other.id)]),
    );
  expect(titles('adakv')['Builds on']).toEqual(expect.arrayContaining(['snapkv', 'pyramidkv']));
  expect(titles('snapkv')['Built upon by']).toEqual(expect.arrayContaining(['adakv', 'pyramidkv', 'polykv']));
  expect(titles('polykv')['Easily confused with']).toContain('polykv-shared-pool');
  expect(titles('polykv-shared-pool')['Easily confused with']).toContain('polykv');
});

describe('feeds', () => {
  test('XML is escaped', () => {
    expect(escapeXml('<a href="x">&</a>')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;');
    expect(sitemap(['https://example.org/?a&b'])).toContain('<loc>https://example.org/?a&amp;b</loc>');
  });

  test('the newest addition is first', () => {
    const [a, b] = [entry('h2o'), entry('tova')];
    const text = feed(
      [
        { ...a, data: { ...a.data, added: '2026-01-01' } },
        { ...b, data: { ...b.data, added: '2026-02-01' } },
      ],
      (path) => `https://example.org${path}`,
    );
    expect([...text.matchAll(/<link>(.*?)<\/link>/g)].map(([, url]) => url)).toEqual([
      'https://example.org/methods/',
      'https://example.org/methods/tova/',
      'https://example.org/methods/h2o/',
    ]);
    expect(text).toContain('<pubDate>Sun, 01 Feb 2026 00:00:00 GMT</pubDate>');
  });

  test('a row of the table has the same columns for every entry', () => {
    const columns = new Set(entries.map((one) => Object.keys(flat(one)).join()));
    expect(columns.size).toBe(1);
    expect(flat(entry('snapkv'))).toMatchObject({
      slug: 'snapkv',
      levers: 'evict',
      fusedAttention: 'yes',
      runs_here: 'snapkv',
    });
  });
});

describe('a new entry', () => {
  const { result, keys, body } = parse(template('A "new" method: with marks', '2026-11-21'));

  test('has every field', () => {
    expect(
      [...Object.keys(method.shape)].filter((key) => !['founding', 'measured'].includes(key) && !keys.includes(key)),
    ).toEqual([]);
  });

  test('is refused in every field that must be filled in', () => {
    const refused = new Set(result.error?.issues.map(({ path }) => path[0]));
    expect([...refused].sort()).toEqual([
      'budget',
      'claims',
      'date',
      'granularity',
      'idea',
      'kind',
      'levers',
      'links',
      'lossless',
      'needs',
      'phases',
      'reversible',
      'runs',
      'sources',
      'unsigned',
      'worksWith',
    ]);
  });

  test('is refused for its text', () => {
    expect(proseProblems(body)).toEqual([
      expect.stringMatching(/^It has \d+ words; it should have 250 to 650\.$/),
      'A TODO is left.',
    ]);
  });

  test('gets an address from its name', () => {
    expect(['Ada-KV', 'K = V?', 'Über Cache 2', '---'].map(slugOf)).toEqual(['ada-kv', 'k-v', 'uber-cache-2', '']);
  });
});

test('words are counted without formulas, addresses and marks', () => {
  expect(
    countWords('## One two\n\n**three** $x + y$ four-five https://example.org/six\n\n$$\na b c\n$$\n\n- 7 `eight`'),
  ).toBe(6);
  expect(proseProblems(headings.map((heading) => `## ${heading}\n\n${'word '.repeat(50)}`).join('\n'))).toEqual([]);
  expect(proseProblems('## The idea\n')).toHaveLength(2);
});
