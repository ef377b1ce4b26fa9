import { isOpen } from './claim.ts';
import { yearOf } from './rows.ts';
import type { Method } from './schema.ts';
import { doesNotApply } from './values.ts';

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '&': '\\&',
  '%': '\\%',
  $: '\\$',
  '#': '\\#',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

/** A text as BibTeX reads it: special characters escaped, capitals kept by a second pair of braces. */
export const escapeTex = (text: string) => text.replace(/[\\{}&%$#_~^]/g, (mark) => escapes[mark] ?? mark);

const record = (type: string, key: string, fields: readonly (readonly [string, string | undefined])[]) =>
  [`@${type}{${key},`, ...fields.flatMap(([name, value]) => (value ? [`  ${name} = {${value}},`] : [])), '}'].join(
    '\n',
  );

/** An address stands in \url, where only braces and backslashes would do harm. */
const address = (url: string) => url.replace(/[\\{}]/g, encodeURIComponent);

/** A preprint is told by its number, so that it is no venue. */
const isNowhere = (venue: string) => isOpen(venue) || venue === doesNotApply || /^(arXiv|preprint)/i.test(venue);

/** What a venue makes of a work, and in which field it is named. A venue with a year in it is a conference or a workshop; a post is none, whatever it names. */
const published = [
  { venue: /^(post|blog)\b/i, type: 'misc', field: 'howpublished' },
  { venue: /\b(Transactions|Journal|[TJ]MLR|TACL)\b/, type: 'article', field: 'journal' },
  { venue: /\b20\d\d\b/, type: 'inproceedings', field: 'booktitle' },
  { venue: /./, type: 'misc', field: 'howpublished' },
] as const;

/** Names of groups, and names that are the organisation itself, are one piece: BibTeX would take the last word for a family name. */
const isGroup = (name: string) => /\b(team|project|contributors|authors|lab|group)\b|-AI$/i.test(name);

/** A name as BibTeX reads it: what stands behind a comma ("Jr.") goes between family and given names, and "and" inside a name is no join. */
export function author(name: string, organisation?: string): string {
  const text = escapeTex(name);
  if (isGroup(name) || name === organisation || / and /.test(name)) return `{${text}}`;
  const [whole = '', suffix] = text.split(/,\s*/);
  if (!suffix) return text;
  const words = whole.split(' ');
  return `${words.at(-1)!}, ${suffix}, ${words.slice(0, -1).join(' ')}`;
}

/** The work that an entry is about, as far as it is known here: no author and no year is made up. */
export function citeWork(
  slug: string,
  { name, authors, organisation, date, venue, links }: Method,
): string | undefined {
  const work = links.find(({ kind }) => kind === 'paper') ?? links[0];
  if (!work) return undefined;
  const nowhere = isNowhere(venue);
  const { type, field } = nowhere
    ? { type: 'misc', field: 'howpublished' }
    : published.find((one) => one.venue.test(venue))!;
  // A paper is of the year of its venue, which may be later than its first publication.
  const year = (type === 'misc' ? undefined : /\b20\d\d\b/.exec(venue)?.[0]) ?? yearOf({ date });
  const [, number] = /arxiv\.org\/(?:abs|pdf|html)\/(\d{4}\.\d{4,5})/.exec(work.url) ?? [];
  return record(type, slug, [
    ['title', `{${escapeTex(name)}}`],
    ['author', authors.map((name) => author(name, organisation)).join(' and ')],
    ['year', year],
    [field, nowhere ? undefined : escapeTex(venue)],
    ['eprint', number],
    ['archiveprefix', number && 'arXiv'],
    ['url', address(work.url)],
  ]);
}

/** The entry itself. */
export const citeEntry = (slug: string, { name, added }: Method, url: string): string =>
  record('misc', `palimpsest-${slug}`, [
    ['title', `{${escapeTex(name)}}. {Palimpsest: what a transformer keeps}`],
    ['year', added.slice(0, 4)],
    ['url', address(url)],
  ]);
