import { facetKeys, facets, sorts, type Chosen, type Facet, type FacetKey, type Sort } from './facets.ts';

export const views = ['list', 'timeline', 'map', 'compare'] as const;
export type CatalogView = (typeof views)[number];

/** Everything that decides what the catalog shows. Its address is this, written out. */
export interface CatalogState extends Chosen {
  readonly q: string;
  readonly sort: Sort;
  readonly view: CatalogView;
  /** Slugs of the entries that stand side by side, in the order in which they were ticked. */
  readonly compare: readonly string[];
}

export const mostCompared = 6;
export const longestSearch = 100;
export const version = '1';

interface Read<T> {
  readonly value: T;
  readonly problems: readonly string[];
}

interface Field<T> {
  readonly usual: T;
  /** @param known the slugs that there are */
  read(text: string, known: ReadonlySet<string>): Read<T>;
  print(value: T): string;
}

const short = (text: string) => `"${text.slice(0, 30)}"`;
const parts = (text: string) => [
  ...new Set(
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  ),
];

/** Some of the values of a facet, whatever order they were written in. */
function some(name: string, { values }: Facet): Field<readonly string[]> {
  return {
    usual: [],
    read(text) {
      const wanted = parts(text);
      const ids = values.map(({ id }) => id);
      const problems = wanted
        .filter((part) => !ids.includes(part))
        .slice(0, 3)
        .map((part) => `${name}: there is no ${short(part)}; there is ${ids.join(', ')}.`);
      return { value: ids.filter((id) => wanted.includes(id)), problems };
    },
    print: (value) => value.join(','),
  };
}

const oneOf = <T extends string>(name: string, values: readonly [T, ...T[]]): Field<T> => ({
  usual: values[0],
  read(text) {
    const value = values.find((value) => value === text);
    return {
      value: value ?? values[0],
      problems: value ? [] : [`${name} must be ${values.join(' or ')}, not ${short(text)}; ${values[0]} is used.`],
    };
  },
  print: String,
});

const search: Field<string> = {
  usual: '',
  // A cut may halve a character, and half of one cannot stand in an address.
  read: (text) => ({
    value: text.slice(0, longestSearch).toWellFormed(),
    problems: text.length > longestSearch ? [`Only the first ${longestSearch} characters are searched for.`] : [],
  }),
  print: (value) => value.toWellFormed(),
};

const compare: Field<readonly string[]> = {
  usual: [],
  read(text, known) {
    const wanted = parts(text);
    const found = wanted.filter((slug) => known.has(slug));
    const problems = wanted
      .filter((slug) => !known.has(slug))
      .slice(0, 3)
      .map((slug) => `There is no entry ${short(slug)} to compare.`);
    if (found.length > mostCompared)
      problems.push(`Only the first ${mostCompared} of ${found.length} entries are compared.`);
    return { value: found.slice(0, mostCompared), problems };
  },
  print: (value) => value.join(','),
};

const facetFields = Object.fromEntries(facetKeys.map((key) => [key, some(key, facets[key])])) as Record<
  FacetKey,
  Field<readonly string[]>
>;

/** The one table of parameters: addresses are read and written from it. Names are never reused. */
const fields: { readonly [K in keyof CatalogState]: Field<CatalogState[K]> } = {
  q: search,
  ...facetFields,
  sort: oneOf('sort', sorts),
  view: oneOf('view', views),
  compare,
};

const names = Object.keys(fields) as (keyof CatalogState)[];

/** Facets that became others. Their addresses are read as the nearest of today, and say so. */
const renamed: Readonly<Record<string, { readonly as: FacetKey; readonly because: string }>> = {
  paged: { as: 'fits', because: '"paged" is two facts now: "fits in pages" and "gives pages back"' },
};

/** The parameters under today's names; one that has a new name and is there twice keeps what was said by the new name. */
function translate(parameters: URLSearchParams): string[] {
  return Object.entries(renamed).flatMap(([name, { as, because }]) => {
    const text = parameters.get(name);
    if (text === null) return [];
    parameters.delete(name);
    if (!parameters.has(as)) parameters.set(as, text);
    return [`${because}; this link was read as "${facets[as].title.toLowerCase()}".`];
  });
}

export const usualState = Object.fromEntries(
  names.map((name) => [name, fields[name].usual]),
) as unknown as CatalogState;

/** Entries that are named for comparing are compared, unless the address asks for another view. */
const defaultView = ({ compare }: Pick<CatalogState, 'compare'>): CatalogView => (compare.length ? 'compare' : 'list');

/** Reads a query string. Whatever it holds, a state comes back that can be shown, with a sentence for each thing that was repaired. */
export function readQuery(query: string, known: ReadonlySet<string>): { state: CatalogState; problems: string[] } {
  const parameters = new URLSearchParams(query);
  const state: Record<string, unknown> = { ...usualState };
  const problems = translate(parameters);
  for (const name of names) {
    const text = parameters.get(name);
    if (text === null) continue;
    const read = fields[name].read(text, known);
    state[name] = read.value;
    problems.push(...read.problems);
  }
  if (!parameters.has('view')) state['view'] = defaultView(state as unknown as CatalogState);
  const stated = parameters.get('v') ?? version;
  if (stated !== version) problems.push(`This link has version ${short(stated)}; it was read as version ${version}.`);
  const unknown = [...new Set(parameters.keys())].filter((key) => key !== 'v' && !Object.hasOwn(fields, key));
  if (unknown.length)
    problems.push(
      `Unknown and left out: ${unknown
        .slice(0, 5)
        .map((key) => key.slice(0, 20))
        .join(', ')}.`,
    );
  return { state: state as unknown as CatalogState, problems };
}

/** encodeURIComponent, but for marks that are legal in a query and that make an address readable. */
const encode = (text: string) => encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%20', '+');

/** The query string of a state; '' where nothing was chosen, so that the plain address stays plain. */
export function writeQuery(state: CatalogState): string {
  const usual: CatalogState = { ...usualState, view: defaultView(state) };
  const printed = (name: keyof CatalogState, from: CatalogState) =>
    (fields[name].print as (value: unknown) => string)(from[name]);
  const changed = names.filter((name) => printed(name, state) !== printed(name, usual));
  return changed.length
    ? [`v=${version}`, ...changed.map((name) => `${name}=${encode(printed(name, state))}`)].join('&')
    : '';
}
