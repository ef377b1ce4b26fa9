import type { Method } from './schema.ts';

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

const record = (key: string, fields: readonly (readonly [string, string | undefined])[]) =>
  [`@misc{${key},`, ...fields.flatMap(([name, value]) => (value ? [`  ${name} = {${value}},`] : [])), '}'].join('\n');

/** An address stands in \url, where only braces and backslashes would do harm. */
const address = (url: string) => url.replace(/[\\{}]/g, encodeURIComponent);

/** The work that an entry is about, as far as it is known here: no author and no year is made up. */
export function citeWork(slug: string, { name, authors, date, links }: Method): string | undefined {
  const work = links.find(({ kind }) => kind === 'paper') ?? links[0];
  if (!work) return undefined;
  const [, number] = /arxiv\.org\/(?:abs|pdf|html)\/(\d{4}\.\d{4,5})/.exec(work.url) ?? [];
  return record(slug, [
    ['title', `{${escapeTex(name)}}`],
    ['author', authors.map(escapeTex).join(' and ')],
    ['year', date?.slice(0, 4)],
    ['eprint', number],
    ['archiveprefix', number && 'arXiv'],
    ['url', address(work.url)],
  ]);
}

/** The entry itself. */
export const citeEntry = (slug: string, { name, added }: Method, url: string): string =>
  record(`palimpsest-${slug}`, [
    ['title', `{${escapeTex(name)}}. {Palimpsest: what a transformer keeps}`],
    ['year', added.slice(0, 4)],
    ['url', address(url)],
  ]);
