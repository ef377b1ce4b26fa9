import { policies } from './eviction/index.ts';
import { codecs } from './quantization/index.ts';
import { defaults, parseSettings, type SettingTable, type SettingValues } from './settings.ts';

export interface Chosen {
  readonly name: string;
  readonly settings: SettingValues;
}

/** A method as a composition: what tokens are worth, and how what stays is written. */
export interface LaneSpec {
  readonly policy: Chosen;
  /** Keeps what the policy would drop first. */
  readonly inverted: boolean;
  readonly codec?: Chosen;
}

export interface ParsedSpec {
  readonly spec: LaneSpec;
  /** One sentence for each thing that was repaired. */
  readonly problems: readonly string[];
}

const call = /^([a-z0-9-]+)(?:\((.*)\))?$/s;

/** Splits at a separator outside parentheses. */
function split(text: string, separator: RegExp): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    depth += Number(character === '(') - Number(character === ')');
    if (depth === 0 && separator.test(character)) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter(Boolean);
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

function chosen(name: string, table: SettingTable, inside: string): { value: Chosen; problems: string[] } {
  const pairs = split(inside, /,/).map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at < 0 ? undefined : at).trim(), at < 0 ? '' : pair.slice(at + 1).trim()] as const;
  });
  const { settings, problems } = parseSettings(table, pairs);
  return { value: { name, settings }, problems: problems.map((problem) => `${name}: ${problem}`) };
}

const nothing: LaneSpec = { policy: { name: 'full', settings: {} }, inverted: false };

/** Reads one part of a composition into the spec so far. @returns the problems */
function readPart(text: string, spec: { policy?: Chosen; inverted: boolean; codec?: Chosen }): string[] {
  const [, name = '', inside = ''] = call.exec(text) ?? [];
  if (name === 'inverted') {
    if (spec.inverted) return ['A lane is inverted once.'];
    spec.inverted = true;
    return readPart(inside.trim(), spec);
  }
  const policy = own(policies, name);
  const codec = own(codecs, name);
  const part = policy ?? codec;
  if (!part) return [`There is no method "${text.slice(0, 40)}".`];
  const kind = policy ? 'policy' : 'codec';
  if (spec[kind]) return [`A lane has one ${kind}; "${name}" was left out.`];
  const { value, problems } = chosen(name, part.settings, inside);
  spec[kind] = value;
  return problems;
}

/**
 * Reads a lane spec such as `snapkv`, `kivi(bits=2)`, `snapkv(window=16)+kivi(bits=4)` or `inverted(h2o)`. A space works like `+`,
 * because that is what a query string makes of it. Whatever is wrong is repaired and named; the spec that comes back always runs.
 */
export function parseLane(text: string): ParsedSpec {
  const parts: { policy?: Chosen; inverted: boolean; codec?: Chosen } = { inverted: false };
  const problems = split(text, /[+\s]/).flatMap((part) => readPart(part, parts));
  if (!parts.policy && !parts.codec && !problems.length) problems.push('A lane needs a method.');
  return { spec: { ...nothing, ...parts }, problems };
}

function printChosen({ name, settings }: Chosen, table: SettingTable): string {
  const usual = defaults(table);
  const pairs = Object.keys(table)
    .filter((key) => settings[key] !== usual[key])
    .map((key) => `${key}=${settings[key]}`);
  return pairs.length ? `${name}(${pairs.join(',')})` : name;
}

/** The shortest text that `parseLane` reads as this spec: settings at their default are left out. */
export function printLane({ policy, inverted, codec }: LaneSpec): string {
  const scored = printChosen(policy, policies[policy.name]!.settings);
  const first = inverted ? `inverted(${scored})` : scored;
  if (!codec) return first;
  const second = printChosen(codec, codecs[codec.name]!.settings);
  return first === 'full' ? second : `${first}+${second}`;
}
