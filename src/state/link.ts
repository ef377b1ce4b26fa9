import { fields, defaultView, type Fields, type View } from './view.ts';

/** The version that this table reads. A link without a version, or with another one, is read as this one, and that is said. */
export const version = '1';

export interface Opened<V = View> {
  readonly view: V;
  /** What was wrong with the link, and what was done instead, in sentences. */
  readonly problems: readonly string[];
}

const onlyWhenChanged: readonly (keyof View)[] = ['facts', 'reading', 'turns', 'layer', 'head', 'texts'];

/** What a link leaves out because it is at its default has that default on every page, whatever the page itself begins with. */
const leftOut: Partial<View> = Object.fromEntries(
  [...onlyWhenChanged, 'text', 'ask'].map((name) => [name, defaultView[name as keyof View]]),
);

/** Reads one parameter. @returns the view's new value, if any, and sentences about what was repaired */
function readField<V, K extends keyof V & string>(
  fields: Fields<V>,
  name: K,
  text: string,
  initial: V[K],
): { value: V[K]; problems: string[] } {
  const field = fields[name];
  const read = field.read(text);
  if (!read) {
    const shown = field.print(initial);
    return {
      value: initial,
      problems: [`${name} must be ${field.allows}, not "${text.slice(0, 40)}"; ${shown || 'nothing'} is used.`],
    };
  }
  return { value: read.value, problems: read.problems.map((problem) => `${name}: ${problem.replace(/\.$/, '')}.`) };
}

/**
 * Reads a query string by a table of fields. Whatever it holds, a view comes back that can be shown.
 * @param leftOut what a link that names anything at all means where it is silent, if that is not `initial`
 */
export function readTable<V extends object>(
  fields: Fields<V>,
  query: string,
  initial: V,
  leftOut: Partial<V> = {},
): Opened<V> {
  const parameters = new URLSearchParams(query);
  const problems: string[] = [];
  const names = Object.keys(fields) as (keyof V & string)[];
  const known = names.some((name) => parameters.has(name));
  const view = { ...initial, ...(known ? leftOut : {}) };
  for (const name of names) {
    const text = parameters.get(name);
    if (text === null) continue;
    const read = readField(fields, name, text, initial[name]);
    view[name] = read.value;
    problems.push(...read.problems);
  }
  const stated = parameters.get('v');
  if (known && stated !== version) {
    problems.push(
      `This link ${stated === null ? 'names no version' : `has version ${stated.slice(0, 10)}`}; it was read as version ${version}.`,
    );
  }
  const unknown = [...new Set(parameters.keys())].filter((key) => key !== 'v' && !Object.hasOwn(fields, key));
  if (unknown.length)
    problems.push(
      `Unknown and left out: ${unknown
        .slice(0, 5)
        .map((key) => key.slice(0, 20))
        .join(', ')}.`,
    );
  return { view, problems };
}

/** Reads the query string of a comparison. */
export const readLink = (query: string, initial: View = defaultView): Opened =>
  readTable<View>(fields, query, initial, leftOut);

/** encodeURIComponent, but for marks that are legal in a query and that make a link readable. */
const encode = (text: string) =>
  encodeURIComponent(text.toWellFormed())
    .replace(/%(?:3B|2C|3D|3A|28|29)/g, decodeURIComponent)
    .replace(/%20/g, '+');

/** The query string of a view: every field but those that `skip` names. */
export const writeTable = <V extends object>(
  fields: Fields<V>,
  view: V,
  skip: (name: keyof V) => boolean = () => false,
): string =>
  [
    `v=${version}`,
    ...(Object.keys(fields) as (keyof V & string)[])
      .filter((name) => !skip(name))
      .map((name) => `${name}=${encode(fields[name].print(view[name]))}`),
  ].join('&');

/**
 * The query string of a comparison. All that decides the picture is written out, defaults too, so that a link keeps its meaning if a default
 * ever changes; only what few views use is left out while it is not used. The defaults of those can never change.
 */
export function writeLink(view: View): string {
  const unused = new Set<keyof View>(
    view.text ? ['seed', 'length', 'kinds', 'facts', 'question', 'turns'] : ['text', 'ask'],
  );
  return writeTable(
    fields as Fields<View>,
    view,
    (name) => unused.has(name) || (onlyWhenChanged.includes(name) && view[name] === fields[name].default),
  );
}
