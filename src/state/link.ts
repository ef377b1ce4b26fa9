import { fields, defaultView, type View } from './view.ts';

/** The version that this table reads. A link without a version, or with another one, is read as this one, and that is said. */
export const version = '1';

export interface Opened {
  readonly view: View;
  /** What was wrong with the link, and what was done instead, in sentences. */
  readonly problems: readonly string[];
}

const names = Object.keys(fields) as (keyof View)[];

const onlyWhenChanged: readonly (keyof View)[] = ['facts', 'reading', 'turns', 'layer', 'head', 'ink', 'texts'];

/** What a link leaves out because it is at its default has that default on every page, whatever the page itself begins with. */
const leftOut = Object.fromEntries(
  [...onlyWhenChanged, 'text', 'ask'].map((name) => [name, defaultView[name as keyof View]]),
);

/** Reads one parameter. @returns the view's new value, if any, and sentences about what was repaired */
function readField<K extends keyof View>(
  name: K,
  text: string,
  initial: View[K],
): { value: View[K]; problems: string[] } {
  const field = fields[name];
  const read = field.read(text) as { value: View[K]; problems: readonly string[] } | undefined;
  if (!read) {
    const shown = (field.print as (value: View[K]) => string)(initial);
    return {
      value: initial,
      problems: [`${name} must be ${field.allows}, not "${text.slice(0, 40)}"; ${shown || 'nothing'} is used.`],
    };
  }
  return { value: read.value, problems: read.problems.map((problem) => `${name}: ${problem.replace(/\.$/, '')}.`) };
}

/** Reads a query string. Whatever it holds, a view comes back that can be shown. */
export function readLink(query: string, initial: View = defaultView): Opened {
  const parameters = new URLSearchParams(query);
  const problems: string[] = [];
  const known = names.some((name) => parameters.has(name));
  const view: Record<string, unknown> = { ...initial, ...(known ? leftOut : {}) };
  for (const name of names) {
    const text = parameters.get(name);
    if (text === null) continue;
    const read = readField(name, text, initial[name]);
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
  return { view: view as unknown as View, problems };
}

/** encodeURIComponent, but for marks that are legal in a query and that make a link readable. */
const encode = (text: string) =>
  encodeURIComponent(text.toWellFormed())
    .replace(/%(?:3B|2C|3D|3A|28|29)/g, decodeURIComponent)
    .replace(/%20/g, '+');

/**
 * The query string of a view. All that decides the picture is written out, defaults too, so that a link keeps its meaning if a default
 * ever changes; only what few views use is left out while it is not used. The defaults of those can never change.
 */
export function writeLink(view: View): string {
  const unused = new Set<keyof View>(
    view.text ? ['seed', 'length', 'kinds', 'facts', 'question', 'turns'] : ['text', 'ask'],
  );
  const written = names.filter(
    (name) => !unused.has(name) && (!onlyWhenChanged.includes(name) || view[name] !== fields[name].default),
  );
  return [
    `v=${version}`,
    ...written.map((name) => `${name}=${encode((fields[name].print as (value: unknown) => string)(view[name]))}`),
  ].join('&');
}
