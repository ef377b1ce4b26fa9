import { parse } from '@retorquere/bibtex-parser';
import { expect, test } from 'vitest';
import { author, citeEntry, citeWork } from '../../src/catalog/bibtex.ts';
import { entries } from './entries.ts';

const read = (text: string) => parse(text);

test.for(entries.map((entry) => [entry.id, entry] as const))('a reference manager takes %s', ([id, { data }]) => {
  const work = citeWork(id, data);
  const { entries: found, errors } = read([work, citeEntry(id, data, 'https://example.org/')].join('\n\n'));
  expect(errors).toEqual([]);
  expect(found.map(({ key }) => key)).toEqual([...(work ? [id] : []), `palimpsest-${id}`]);
  if (work) expect(found[0]!.fields.author?.length ?? 0).toBe(data.authors.length);
});

test.for([
  ['Laurens van der Maaten', { lastName: 'Maaten' }],
  ['Martin Luther King, Jr.', { lastName: 'King', suffix: 'Jr.' }],
  ['René Vidal', { firstName: 'René', lastName: 'Vidal' }],
  ['Quant VideoGen Team', { name: 'Quant VideoGen Team' }],
] as const)('%s keeps its parts', ([name, parts]) => {
  const { entries: found } = read(`@misc{x, author = {${author(name)}}}`);
  expect(found[0]!.fields.author).toEqual([expect.objectContaining(parts)]);
});

test.for([
  ['snapkv', 'inproceedings', 'booktitle', 'NeurIPS 2024', '2024'],
  ['kvquant', 'inproceedings', 'booktitle', 'NeurIPS 2024', '2024'],
  ['dflash', 'misc', 'eprint', '2602.06036', '2026'],
  ['forgetting-wall', 'misc', 'howpublished', 'post; Quant VideoGen at ICML 2026', '2026'],
] as const)('%s is @%s', ([id, type, field, value, year]) => {
  const { data } = entries.find((entry) => entry.id === id)!;
  const { entries: found } = read(citeWork(id, data)!);
  expect(found[0]).toMatchObject({ type, fields: { [field]: value, year } });
});

test('a journal makes an article, and a later venue gives its year', () => {
  const { data } = entries.find(({ id }) => id === 'snapkv')!;
  expect(citeWork('x', { ...data, venue: 'TMLR 2026' })).toMatch(
    /^@article\{x,[\s\S]*year = \{2026\}[\s\S]*journal = \{TMLR 2026\}/,
  );
});
