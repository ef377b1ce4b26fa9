import { memberOf, type AnyMember } from './members.ts';
import type { Role } from './member.ts';
import { defaults, parseNumber, parseSettings, type SettingValues } from './settings.ts';

/** A member with its settings, and the terms that it wraps. */
export interface Term {
  readonly name: string;
  readonly settings: SettingValues;
  readonly terms: readonly Term[];
}

/** A method as a composition: at most one term for each role, but fates, which chain. A budget holds its score inside. */
export interface LaneSpec {
  readonly terms: readonly Term[];
}

export interface ParsedSpec {
  readonly spec: LaneSpec;
  /** One sentence for each thing that was repaired. */
  readonly problems: readonly string[];
}

/** A term deeper than this is refused, so that a hostile link cannot exhaust the stack. */
const deepest = 6;

/** Fates chain, but not without end. */
const mostFates = 4;

const call = /^([a-z0-9_-]+)\s*(?:\((.*)\))?$/s;
const pair = /^([a-zA-Z][\w-]*)\s*=\s*(.*)$/s;

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

const short = (text: string) => text.slice(0, 40);

interface Parsed {
  readonly term: Term | undefined;
  readonly problems: readonly string[];
}

function parseTerm(text: string, depth = 0): Parsed {
  const [, name = '', inside = ''] = call.exec(text) ?? [];
  const member = memberOf(name);
  if (!member) return { term: undefined, problems: [`There is no method "${short(text)}".`] };
  // What wraps needs a level more, for what is inside it.
  if (depth + Number(member.wraps !== undefined) > deepest) {
    return { term: undefined, problems: [`"${name}" is nested too deeply.`] };
  }
  const settings: [string, string][] = [];
  const inner: string[] = [];
  for (const part of split(inside, /,/)) {
    const [, key, value] = pair.exec(part) ?? [];
    const first = Object.keys(member.settings)[0];
    if (key !== undefined) settings.push([key, value!.trim()]);
    else if (first !== undefined && parseNumber(part) !== undefined) settings.push([first, part]);
    else inner.push(part);
  }
  const read = parseSettings(member.settings, settings);
  const wrapped = wrap(member, inner, depth);
  return {
    term: { name, settings: read.settings, terms: wrapped.terms },
    problems: [...read.problems.map((problem) => `${name}: ${problem}`), ...wrapped.problems],
  };
}

/** The inner terms of a member: those written, in their order, and its own choice for those that are missing. */
function wrap({ name, wraps = [] }: AnyMember, inner: readonly string[], depth: number) {
  const problems: string[] = [];
  const written = inner.map((text) => ({ text, ...parseTerm(text, depth + 1) }));
  for (const { problems: some } of written) problems.push(...some);
  const terms = wraps.map(({ role, default: standard }) => {
    const at = written.findIndex(({ term }) => term && memberOf(term.name)!.role === role);
    const [found] = at < 0 ? [] : written.splice(at, 1);
    return found?.term ?? parseTerm(standard, depth + 1).term!;
  });
  for (const { text, term } of written) if (term) problems.push(`"${name}" does not take "${short(text)}".`);
  return { terms, problems };
}

const roleOf = ({ name }: Term): Role => memberOf(name)!.role;

/** To drop is what a lane does anyway, and may be said once more. */
const chains = (term: Term): boolean => roleOf(term) === 'fate' && term.name !== defaultTerms.fate;

/** A budget brings its own score, so that it takes both places. */
const places = (role: Role): readonly Role[] => (role === 'budget' ? ['budget', 'score'] : [role]);

/**
 * Reads a lane spec such as `snapkv`, `kivi(bits=2)`, `snapkv(window=8)+kivi(bits=4)` or `adakv(snapkv,safeguard=0.2)+every(n=32)+merge`. A space works
 * like `+`, because that is what a query string makes of it. Whatever is wrong is repaired and named; the spec that comes back always runs.
 */
export function parseLane(text: string): ParsedSpec {
  const terms: Term[] = [];
  const problems: string[] = [];
  const parts = split(text, /[+\s]/);
  const taken = new Set<Role>();
  for (const part of parts) {
    const read = parseTerm(part);
    problems.push(...read.problems);
    if (!read.term) continue;
    const role = roleOf(read.term);
    const full = role === 'fate' ? undefined : places(role).find((place) => taken.has(place));
    if (full) problems.push(`A lane has one ${full}; "${read.term.name}" was left out.`);
    else if (terms.filter(chains).length === mostFates && chains(read.term))
      problems.push(`A lane has at most ${mostFates} fates; "${read.term.name}" was left out.`);
    else {
      terms.push(read.term);
      for (const place of places(role)) taken.add(place);
    }
  }
  if (!terms.length && !problems.length) problems.push('A lane needs a method.');
  return { spec: normal(terms), problems };
}

/** What a role is when nobody says. */
export const defaultTerms: Readonly<Record<Role, string>> = {
  score: 'full',
  budget: 'uniform',
  schedule: 'after-prompt',
  fate: 'drop',
  codec: '',
  retrieval: 'everything',
};

const order: readonly Role[] = ['budget', 'score', 'schedule', 'fate', 'codec', 'retrieval'];

/** Terms by role, in one order; what is meant anyway is left out. A lane of nothing is the full cache. */
function normal(terms: readonly Term[]): LaneSpec {
  const plain = terms.map((term) => (term.name === 'uniform' ? term.terms[0]! : term));
  const said = plain.filter((term) => defaultTerms[roleOf(term)] !== term.name);
  const sorted = [...said].sort((a, b) => order.indexOf(roleOf(a)) - order.indexOf(roleOf(b)));
  return { terms: sorted.length ? sorted : [parseTerm('full').term!] };
}

/** The spec's own terms of a role. */
export const termsOf = ({ terms }: LaneSpec, role: Role): readonly Term[] =>
  terms.filter((term) => roleOf(term) === role);

/** The term that scores, inside its budget if it has one. */
export function scoreOf(spec: LaneSpec): Term {
  const [budget] = termsOf(spec, 'budget');
  return budget?.terms[0] ?? termsOf(spec, 'score')[0] ?? parseTerm(defaultTerms.score).term!;
}

/** A spec in which one role is answered by other terms. @param terms none: as usual */
export function withTerms(spec: LaneSpec, role: Role, terms: readonly Term[]): LaneSpec {
  const replaced = role === 'score' ? places('budget') : places(role);
  const without = spec.terms.filter((term) => !replaced.includes(roleOf(term)) && roleOf(term) !== role);
  return normal([...without, ...terms]);
}

/** A term with its usual settings. @throws Error when there is no such member */
export function termOf(name: string): Term {
  const { term, problems } = parseTerm(name);
  if (!term) throw new Error(problems.join(' '));
  return term;
}

/** The shortest text that is read as this term: settings at their default are left out. */
export function printTerm({ name, settings, terms }: Term): string {
  const { settings: table } = memberOf(name)!;
  const standard = defaults(table);
  const pairs = Object.keys(table).filter((key) => settings[key] !== standard[key]);
  const inside = [...terms.map(printTerm), ...pairs.map((key) => `${key}=${settings[key]}`)];
  return inside.length ? `${name}(${inside.join(',')})` : name;
}

export const printLane = ({ terms }: LaneSpec): string => terms.map(printTerm).join('+');
