/**
 * The parameters of a policy or codec: one table gives the defaults, the limits, the words beside the control,
 * and the type. Lane specs, links, the lab's controls and the command line all read this table.
 */
export type Setting =
  | {
      readonly kind: 'number';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly step: number;
      readonly about: string;
    }
  | { readonly kind: 'choice'; readonly default: number; readonly choices: readonly number[]; readonly about: string }
  | { readonly kind: 'word'; readonly default: string; readonly choices: readonly string[]; readonly about: string }
  | { readonly kind: 'switch'; readonly default: boolean; readonly about: string }
  /** Numbers with colons between them, such as 4:2:1. */
  | {
      readonly kind: 'list';
      readonly default: string;
      readonly min: number;
      readonly max: number;
      readonly step: number;
      readonly longest: number;
      readonly about: string;
    };

export type SettingTable = Readonly<Record<string, Setting>>;

/** Values for a table. Of a table that is not known in detail, all that can be said is `SettingValue`. */
export type Settings<T extends SettingTable> = {
  readonly [K in keyof T]: T[K] extends { kind: 'switch' }
    ? boolean
    : T[K] extends { kind: 'list' }
      ? string
      : T[K] extends { kind: 'number' | 'choice' }
        ? number
        : T[K] extends { kind: 'word'; choices: readonly (infer Word extends string)[] }
          ? Word
          : SettingValue;
};

export type SettingValue = number | boolean | string;

export type SettingValues = Readonly<Record<string, SettingValue>>;

export const defaults = <T extends SettingTable>(table: T): Settings<T> =>
  Object.fromEntries(Object.entries(table).map(([key, setting]) => [key, setting.default])) as Settings<T>;

/**
 * Reads settings written as text. The settings that come back are always usable: what is missing or unreadable has its default,
 * what is out of range is moved to the nearest allowed value. Each such repair is one sentence in `problems`, so that the command
 * line can refuse where a page shows a notice and goes on. A key given twice keeps its last value.
 */
export function parseSettings<T extends SettingTable>(
  table: T,
  pairs: Iterable<readonly [key: string, text: string]>,
): { settings: Settings<T>; problems: string[] } {
  const values: Record<string, SettingValue> = { ...defaults(table) };
  const problems: string[] = [];
  for (const [key, text] of pairs) {
    // The table is a plain object: without this test, "constructor" would be found on its prototype.
    const setting = Object.hasOwn(table, key) ? table[key] : undefined;
    if (!setting) {
      problems.push(`Unknown setting "${key}"; ${known(table)}.`);
      continue;
    }
    const { value, problem } = parseValue(setting, text);
    values[key] = value;
    if (problem) problems.push(`Setting "${key}" must be ${problem}, not "${text}".`);
  }
  return { settings: values as Settings<T>, problems };
}

const known = (table: SettingTable) =>
  Object.keys(table).length > 0 ? `the settings are ${Object.keys(table).join(', ')}` : 'there are no settings';

/** `problem` names what would have been right, and is missing when the text is. */
function parseValue(setting: Setting, text: string): { value: SettingValue; problem?: string } {
  if (setting.kind === 'switch') {
    return text === 'true' || text === 'false'
      ? { value: text === 'true' }
      : { value: setting.default, problem: 'true or false' };
  }
  if (setting.kind === 'word') {
    const known = setting.choices.includes(text);
    return known ? { value: text } : { value: setting.default, problem: `one of ${setting.choices.join(', ')}` };
  }
  if (setting.kind === 'list') return parseList(setting, text);
  const problem = setting.kind === 'choice' ? `one of ${setting.choices.join(', ')}` : rangeOf(setting);
  const wanted = parseNumber(text);
  if (wanted === undefined) return { value: setting.default, problem };
  const value = setting.kind === 'choice' ? closest(setting.choices, wanted) : onStep(setting, wanted);
  return Math.abs(value - wanted) < 1e-9 ? { value } : { value, problem };
}

function parseList(setting: ListSetting, text: string): { value: string; problem?: string } {
  const wanted = text.split(':').map(parseNumber);
  const readable = wanted.filter((number) => number !== undefined).slice(0, setting.longest);
  const value = readable.map((number) => onStep(setting, number)).join(':') || setting.default;
  const asWanted = listOf(value).every((number, i) => Math.abs(number - (wanted[i] ?? NaN)) < 1e-9);
  if (asWanted && wanted.length === listOf(value).length) return { value };
  return { value, problem: `up to ${setting.longest} times ${rangeOf(setting)}, with colons between` };
}

/** The numbers of a list. */
export const listOf = (text: string): number[] => text.split(':').map(Number);

/** A finite decimal number, or undefined. Number() alone would read "" as 0 and "0x10" as 16. */
export function parseNumber(text: string): number | undefined {
  const number = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : undefined;
}

type ListSetting = Extract<Setting, { kind: 'list' }>;
type Range = Pick<ListSetting, 'min' | 'max' | 'step'>;

const rangeOf = ({ min, max, step }: Range) => `a number from ${min} to ${max} in steps of ${step}`;

const closest = (choices: readonly number[], wanted: number) =>
  choices.reduce((best, choice) => (Math.abs(choice - wanted) < Math.abs(best - wanted) ? choice : best));

function onStep({ min, max, step }: Range, wanted: number): number {
  const clamped = Math.min(max, Math.max(min, wanted));
  const steps = Math.min(Math.round((clamped - min) / step), Math.floor((max - min) / step + 1e-9));
  // Twelve digits take away the noise of multiplying by 0.05, and leave every honest setting alone.
  return Number((min + steps * step).toPrecision(12));
}
