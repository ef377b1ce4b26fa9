/** The parameters of links: what a value may be, how it is read, and how it is written. */
import { parseNumber } from '../engine/settings.ts';

export interface Read<T> {
  readonly value: T;
  readonly problems: readonly string[];
}

export interface Field<T> {
  readonly default: T;
  /** What the value may be, in words, for notices. */
  readonly allows: string;
  read(text: string): Read<T> | undefined;
  print(value: T): string;
}

export const good = <T>(value: T): Read<T> => ({ value, problems: [] });

/** A number in a range: outside it the nearest end is taken. */
export const number = (initial: number, min: number, max: number, step: number) => ({
  default: initial,
  min,
  max,
  step,
  allows: `a number from ${min} to ${max}`,
  read(text: string): Read<number> | undefined {
    const wanted = parseNumber(text.trim());
    if (wanted === undefined) return undefined;
    const value = Number((Math.round(Math.min(max, Math.max(min, wanted)) / step) * step).toPrecision(12));
    return { value, problems: Math.abs(value - wanted) > 1e-9 ? [`${text.slice(0, 20)} became ${value}`] : [] };
  },
  print: (value: number) => String(value),
});

/** One of a few numbers; of another one the nearest. */
export const nearest = (initial: number, values: readonly number[]) => ({
  default: initial,
  values,
  allows: values.join(' or '),
  read(text: string): Read<number> | undefined {
    const wanted = parseNumber(text.trim());
    if (wanted === undefined) return undefined;
    const value = values.reduce((a, b) => (Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a));
    return { value, problems: value === wanted ? [] : [`${text.slice(0, 20)} became ${value}`] };
  },
  print: (value: number) => String(value),
});

export const oneOf = <T extends string>(initial: T, values: readonly T[]) => ({
  default: initial,
  values,
  allows: values.join(' or '),
  read: (text: string) => {
    const found = values.find((value) => value === text);
    return found && good(found);
  },
  print: (value: T): string => value,
});

/** A number, or a word that stands for all of them or for the last. */
export const numberOr = <W extends string>(word: W, max: number): Field<number | W> => {
  const { read } = number(0, 0, max, 1);
  return {
    default: word,
    allows: `${word} or a number from 0 to ${max}`,
    read: (text) => (text === word ? good(word) : read(text)),
    print: String,
  };
};

/** A reader's own words; '' where there are none. */
export const text = (longest: number): Field<string> => ({
  default: '',
  allows: `at most ${longest} characters`,
  read: (written) => ({
    value: written.slice(0, longest).toWellFormed(),
    problems: written.length > longest ? [`only the first ${longest} characters were read`] : [],
  }),
  print: String,
});

/** A table of parameters, one for each part of a view. */
export type FieldsOf<V> = { readonly [K in keyof V]: Field<V[K]> };

export const defaultsOf = <V>(fields: FieldsOf<V>): V =>
  Object.fromEntries(Object.entries<Field<unknown>>(fields).map(([name, field]) => [name, field.default])) as V;
