import { stageParameter } from './address.ts';
import type { Field, FieldsOf } from './fields.ts';

export interface Opened<V> {
  readonly view: V;
  /** What was wrong with the link, and what was done instead, in sentences. */
  readonly problems: readonly string[];
}

interface Options<V> {
  /** The version that the table reads. A link without a version, or with another one, is read as this one, and that is said. */
  readonly version: string;
  /** Written only while they are not at their default. Those defaults can never change. */
  readonly onlyWhenChanged: readonly (keyof V & string)[];
  /** At their default in a link that leaves them out, whatever the page itself begins with. */
  readonly absent?: readonly (keyof V & string)[];
  /** What a link of this view leaves out because nothing depends on it. */
  readonly unused?: (view: V) => readonly (keyof V & string)[];
}

/** encodeURIComponent, but for marks that are legal in a query and that make a link readable. */
const encode = (text: string) =>
  encodeURIComponent(text.toWellFormed())
    .replace(/%(?:3B|2C|3D|3A|28|29)/g, decodeURIComponent)
    .replace(/%20/g, '+');

/** Reads one parameter. @returns the view's new value, and sentences about what was repaired */
function readField<T>(name: string, field: Field<T>, text: string, initial: T): { value: T; problems: string[] } {
  const read = field.read(text);
  if (!read) {
    const used = field.print(initial) || 'nothing';
    return {
      value: initial,
      problems: [`${name} must be ${field.allows}, not "${text.slice(0, 40)}"; ${used} is used.`],
    };
  }
  return { value: read.value, problems: read.problems.map((problem) => `${name}: ${problem.replace(/\.$/, '')}.`) };
}

/** Links of one kind of view, read and written by its table of parameters. */
export class LinkCodec<V extends object> {
  readonly #fields: Readonly<Record<string, Field<unknown>>>;
  readonly #names: readonly string[];
  readonly #options: Options<V>;

  constructor(fields: FieldsOf<V>, options: Options<V>) {
    this.#fields = fields as unknown as Record<string, Field<unknown>>;
    this.#names = Object.keys(fields);
    this.#options = options;
  }

  /** Reads a query string. Whatever it holds, a view comes back that can be shown. */
  read(query: string, initial: V): Opened<V> {
    const parameters = new URLSearchParams(query);
    const known = this.#names.some((name) => parameters.has(name));
    const view: Record<string, unknown> = { ...initial, ...(known ? this.#leftOut() : {}) };
    const problems: string[] = [];
    for (const name of this.#names) {
      const text = parameters.get(name);
      if (text === null) continue;
      const read = readField(name, this.#fields[name]!, text, (initial as Record<string, unknown>)[name]);
      view[name] = read.value;
      problems.push(...read.problems);
    }
    if (known) problems.push(...this.#wrongVersion(parameters.get('v')));
    problems.push(...this.#strangers(parameters));
    return { view: view as V, problems };
  }

  /**
   * The query string of a view. All that decides the picture is written out, defaults too, so that a link keeps its meaning if a default ever changes;
   * only what few views use is left out while it is not used.
   */
  write(view: V): string {
    const { version, onlyWhenChanged, unused } = this.#options;
    const without = new Set<string>(unused?.(view) ?? []);
    const value = (name: string) => (view as Record<string, unknown>)[name];
    const written = this.#names.filter(
      (name) =>
        !without.has(name) &&
        (!(onlyWhenChanged as readonly string[]).includes(name) || value(name) !== this.#fields[name]!.default),
    );
    return [`v=${version}`, ...written.map((name) => `${name}=${encode(this.#fields[name]!.print(value(name)))}`)].join(
      '&',
    );
  }

  /** What a link leaves out because it is at its default has that default on every page. */
  #leftOut(): Record<string, unknown> {
    const { onlyWhenChanged, absent = [] } = this.#options;
    return Object.fromEntries([...onlyWhenChanged, ...absent].map((name) => [name, this.#fields[name]!.default]));
  }

  #wrongVersion(stated: string | null): string[] {
    const { version } = this.#options;
    if (stated === version) return [];
    return [
      `This link ${stated === null ? 'names no version' : `has version ${stated.slice(0, 10)}`}; it was read as version ${version}.`,
    ];
  }

  #strangers(parameters: URLSearchParams): string[] {
    const unknown = [...new Set(parameters.keys())].filter(
      (key) => key !== 'v' && key !== stageParameter && !Object.hasOwn(this.#fields, key),
    );
    const shown = unknown.slice(0, 5).map((key) => key.slice(0, 20));
    return shown.length ? [`Unknown and left out: ${shown.join(', ')}.`] : [];
  }
}
