import MiniSearch, { type Options } from 'minisearch';
import type { Method } from './schema.ts';
import { wordsOf } from './words.ts';

/** What is searched of an entry. The index holds words, not texts, so it is a third of the size of what it finds. */
export interface Searchable {
  readonly slug: string;
  readonly name: string;
  readonly aliases: string;
  readonly idea: string;
  readonly people: string;
  readonly prose: string;
}

/** "Ada-KV" is found as adakv too, "PagedAttention" as paged, and "Håkon" as hakon. */
const plainWord = (word: string) =>
  word
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase();
const processTerm = (term: string) =>
  [...new Set([term, ...term.split(/[-_/]|(?<=[a-z])(?=[A-Z])/), term.replace(/[-_/]/g, '')].map(plainWord))].filter(
    Boolean,
  );

const options: Options<Searchable> = {
  idField: 'slug',
  fields: ['name', 'aliases', 'idea', 'people', 'prose'],
  tokenize: (text) => text.split(/[^\p{L}\p{N}\-_/]+/u).filter(Boolean),
  processTerm,
  searchOptions: {
    boost: { name: 8, aliases: 5, idea: 3, people: 3 },
    combineWith: 'AND',
    prefix: true,
    // One slip in a word of five letters or more; numbers are meant as they are written.
    fuzzy: (term) => (term.length > 4 && !/\d/.test(term) ? 1 : false),
    processTerm: plainWord,
  },
};

export const searchable = (slug: string, data: Method, body: string): Searchable => ({
  slug,
  name: data.name,
  aliases: data.aliases.join(' '),
  idea: data.idea,
  people: [...data.authors, data.organisation ?? ''].join(' '),
  prose: wordsOf(body),
});

/** The index, made when the site is built. */
export function buildIndex(documents: readonly Searchable[]): string {
  const index = new MiniSearch<Searchable>(options);
  index.addAll(documents);
  return JSON.stringify(index);
}

/** Opens a built index. @returns a function from a search to how well each slug matches it, or undefined where nothing is searched */
export function openIndex(json: string): (query: string) => ReadonlyMap<string, number> | undefined {
  const index = MiniSearch.loadJSON<Searchable>(json, options);
  return (query) =>
    /[\p{L}\p{N}]/u.test(query) ? new Map(index.search(query).map(({ id, score }) => [String(id), score])) : undefined;
}
