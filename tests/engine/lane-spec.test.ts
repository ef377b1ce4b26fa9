import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultTerms,
  parseLane,
  printLane,
  printTerm,
  scoreOf,
  termOf,
  termsOf,
  withTerms,
  type Term,
} from '../../src/engine/lane-spec.ts';
import { memberOf, members } from '../../src/engine/members.ts';
import { roles } from '../../src/engine/member.ts';
import { makePlan } from '../../src/engine/plan.ts';
import { defaults, type SettingValues } from '../../src/engine/settings.ts';
import { specs, terms } from './specs.ts';

/** A term with some settings changed, and what is inside it. */
const term = (name: string, changes: SettingValues = {}, ...inner: Term[]): Term => ({
  name,
  settings: { ...defaults(memberOf(name)!.settings), ...changes },
  terms: inner,
});
const lane = (...all: Term[]) => ({ terms: all });
const nothing = lane(term('full'));

describe('reads', () => {
  test.each([
    ['snapkv', lane(term('snapkv'))],
    ['snapkv(window=16)', lane(term('snapkv', { window: 16 }))],
    [' snapkv( window = 16 , kernel=1 ) ', lane(term('snapkv', { window: 16, kernel: 1 }))],
    ['kivi', lane(term('kivi'))],
    ['kivi(bits=4)+h2o', lane(term('h2o'), term('kivi', { bits: 4 }))],
    ['h2o kivi(bits=4)', lane(term('h2o'), term('kivi', { bits: 4 }))],
    ['snapkv(window=16)+kivi(bits=4)', lane(term('snapkv', { window: 16 }), term('kivi', { bits: 4 }))],
    ['inverted(h2o)', lane(term('inverted', {}, term('h2o')))],
    ['inverted(h2o(average=false))+kivi', lane(term('inverted', {}, term('h2o', { average: false })), term('kivi'))],
    ['streaming-llm(sinks=0)', lane(term('streaming-llm', { sinks: 0 }))],
    ['full', nothing],
    // A number alone is the first setting.
    ['every(8)', lane(term('every', { n: 8 }))],
    ['every(n=8)', lane(term('every', { n: 8 }))],
    ['every(32)', lane(term('every'))],
    ['merge(-0.5)', lane(term('merge', { threshold: -0.5 }))],
    ['snapkv( 16 ,kernel=1)', lane(term('snapkv', { window: 16, kernel: 1 }))],
    // What wraps takes terms and settings in any order, and has its own choice where there is none.
    ['adakv(knorm,safeguard=0.5)', lane(term('adakv', { safeguard: 0.5 }, term('knorm')))],
    ['adakv(safeguard=0.5,knorm)', lane(term('adakv', { safeguard: 0.5 }, term('knorm')))],
    ['adakv(0.5)', lane(term('adakv', { safeguard: 0.5 }, term('snapkv')))],
    ['adakv', lane(term('adakv', {}, term('snapkv')))],
    ['adakv()', lane(term('adakv', {}, term('snapkv')))],
    ['pyramid', lane(term('pyramid', {}, term('snapkv')))],
    ['inverted', lane(term('inverted', {}, term('h2o')))],
    ['inverted()', lane(term('inverted', {}, term('h2o')))],
    ['per-layer', lane(term('per-layer', {}, term('kivi', { bits: 4 }), term('kivi')))],
    ['per-layer(kivi(8))', lane(term('per-layer', {}, term('kivi', { bits: 8 }), term('kivi')))],
    [
      'per-layer(kivi(8), first=1, kivi(4))',
      lane(term('per-layer', { first: 1 }, term('kivi', { bits: 8 }), term('kivi', { bits: 4 }))),
    ],
    [
      'pyramid(inverted(snapkv(window=8)),beta=10)',
      lane(term('pyramid', { beta: 10 }, term('inverted', {}, term('snapkv', { window: 8 })))),
    ],
    ['inverted(inverted(h2o))', lane(term('inverted', {}, term('inverted', {}, term('h2o'))))],
    // What a lane does anyway is left out, wherever it stands.
    ['uniform', nothing],
    ['uniform(snapkv)', lane(term('snapkv'))],
    ['full+quest(top=2)', lane(term('quest', { top: 2 }))],
    ['after-prompt+drop+everything', nothing],
    ['snapkv+after-prompt+drop+merge+everything', lane(term('snapkv'), term('merge'))],
    // Fates chain, in the order in which they are written.
    ['compact(order=false)+merge+rerotate', lane(term('compact', { order: false }), term('merge'), term('rerotate'))],
    ['rerotate+merge', lane(term('rerotate'), term('merge'))],
    [
      'adakv(inverted(snapkv(window=16)),safeguard=0.3) + every(n=8) + merge + per-layer(kivi(bits=4), kivi(bits=2)) + quest(top=2)',
      lane(
        term('adakv', { safeguard: 0.3 }, term('inverted', {}, term('snapkv', { window: 16 }))),
        term('every', { n: 8 }),
        term('merge'),
        term('per-layer', {}, term('kivi', { bits: 4 }), term('kivi', { bits: 2 })),
        term('quest', { top: 2 }),
      ),
    ],
  ])('%s', (text, spec) => expect(parseLane(text)).toEqual({ spec, problems: [] }));
});

describe('repairs and names what is wrong', () => {
  test.each([
    ['', nothing, ['A lane needs a method.']],
    ['+', nothing, ['A lane needs a method.']],
    ['snap', nothing, ['There is no method "snap".']],
    ['SnapKV', nothing, ['There is no method "SnapKV".']],
    ['snapkv(', nothing, ['There is no method "snapkv(".']],
    ['snapkv)', nothing, ['There is no method "snapkv)".']],
    ['constructor', nothing, ['There is no method "constructor".']],
    ['toString+__proto__', nothing, ['There is no method "toString".', 'There is no method "__proto__".']],
    ['inverted(toString)', lane(term('inverted', {}, term('h2o'))), ['There is no method "toString".']],
    ['snap+h2o', lane(term('h2o')), ['There is no method "snap".']],
    // One term a role; a budget holds its own score.
    ['h2o+tova', lane(term('h2o')), ['A lane has one score; "tova" was left out.']],
    ['kivi+kivi(bits=8)', lane(term('kivi')), ['A lane has one codec; "kivi" was left out.']],
    [
      'every(8)+between-turns',
      lane(term('every', { n: 8 })),
      ['A lane has one schedule; "between-turns" was left out.'],
    ],
    ['quest+everything', lane(term('quest')), ['A lane has one retrieval; "everything" was left out.']],
    ['full+h2o', nothing, ['A lane has one score; "h2o" was left out.']],
    ['adakv(h2o)+snapkv', lane(term('adakv', {}, term('h2o'))), ['A lane has one score; "snapkv" was left out.']],
    ['snapkv+adakv(h2o)', lane(term('snapkv')), ['A lane has one score; "adakv" was left out.']],
    ['adakv(h2o)+pyramid', lane(term('adakv', {}, term('h2o'))), ['A lane has one budget; "pyramid" was left out.']],
    // Settings.
    ['snapkv(widow=3)', lane(term('snapkv')), ['snapkv: Unknown setting "widow"; the settings are window, kernel.']],
    [
      'snapkv(window=0)',
      lane(term('snapkv', { window: 1 })),
      ['snapkv: Setting "window" must be a number from 1 to 256 in steps of 1, not "0".'],
    ],
    [
      'snapkv(window=)',
      lane(term('snapkv')),
      ['snapkv: Setting "window" must be a number from 1 to 256 in steps of 1, not "".'],
    ],
    ['snapkv(window)', lane(term('snapkv')), ['There is no method "window".']],
    [
      'merge(3)',
      lane(term('merge', { threshold: 1 })),
      ['merge: Setting "threshold" must be a number from -1 to 1 in steps of 0.05, not "3".'],
    ],
    ['knorm(constructor=1)', lane(term('knorm')), ['knorm: Unknown setting "constructor"; there are no settings.']],
    ['knorm(1)', lane(term('knorm')), ['There is no method "1".']],
    ['knorm(__proto__=1)', lane(term('knorm')), ['There is no method "__proto__=1".']],
    [
      'inverted(snapkv(window=0))',
      lane(term('inverted', {}, term('snapkv', { window: 1 }))),
      ['snapkv: Setting "window" must be a number from 1 to 256 in steps of 1, not "0".'],
    ],
    // Terms inside others.
    ['snapkv(h2o)', lane(term('snapkv')), ['"snapkv" does not take "h2o".']],
    ['adakv(kivi)', lane(term('adakv', {}, term('snapkv'))), ['"adakv" does not take "kivi".']],
    ['adakv(h2o,tova)', lane(term('adakv', {}, term('h2o'))), ['"adakv" does not take "tova".']],
    ['adakv(adakv(h2o))', lane(term('adakv', {}, term('snapkv'))), ['"adakv" does not take "adakv(h2o)".']],
    ['adakv(h2o+tova)', lane(term('adakv', {}, term('snapkv'))), ['There is no method "h2o+tova".']],
    [
      'per-layer(kivi,kivi,kivi(8))',
      lane(term('per-layer', {}, term('kivi'), term('kivi'))),
      ['"per-layer" does not take "kivi(8)".'],
    ],
    ['inverted(adakv)', lane(term('inverted', {}, term('h2o'))), ['"inverted" does not take "adakv".']],
  ])('%j', (text, spec, problems) => expect(parseLane(text)).toEqual({ spec, problems }));

  test('six terms may stand one inside the other around a seventh, and no more', () => {
    const nested = (times: number, inside: string) => 'inverted('.repeat(times) + inside + ')'.repeat(times);
    expect(parseLane(nested(6, 'tova')).problems).toEqual([]);
    expect(printLane(parseLane(nested(6, 'tova')).spec)).toBe(nested(6, 'tova'));
    // The seventh is refused, and the sixth wraps what it wraps by itself.
    for (const text of [nested(7, 'tova'), nested(6, 'inverted'), nested(6, 'inverted()'), nested(1000, 'tova')]) {
      const { spec, problems } = parseLane(text);
      expect(problems).toEqual(['"inverted" is nested too deeply.']);
      expect(printLane(spec)).toBe(nested(6, 'h2o'));
      expect(parseLane(printLane(spec))).toEqual({ spec, problems: [] });
    }
  });
});

describe('prints', () => {
  test.each([
    ['snapkv', lane(term('snapkv'))],
    [
      'inverted(snapkv(window=8))+kivi(bits=4,residual=64)',
      lane(term('inverted', {}, term('snapkv', { window: 8 })), term('kivi', { bits: 4, residual: 64 })),
    ],
    ['kivi', lane(term('kivi'))],
    ['full', nothing],
    ['adakv(snapkv)', lane(term('adakv', {}, term('snapkv')))],
    ['adakv(knorm,safeguard=0)', lane(term('adakv', { safeguard: 0 }, term('knorm')))],
    [
      'per-layer(kivi(bits=4),kivi,first=1)',
      lane(term('per-layer', { first: 1 }, term('kivi', { bits: 4 }), term('kivi'))),
    ],
    [
      'merge(threshold=-0.95)+compact(order=false)',
      lane(term('merge', { threshold: -0.95 }), term('compact', { order: false })),
    ],
  ])('%s: what is not usual, and nothing else', (text, spec) => expect(printLane(spec)).toBe(text));

  test('what was printed is read as the same lane, for every member, setting, nesting and chain of fates', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        expect(parseLane(printLane(spec))).toEqual({ spec, problems: [] });
      }),
      { numRuns: 1000 },
    );
  });

  test('the lanes that are tried here have every member, terms deep inside others, and chains of fates', () => {
    const tried = fc.sample(specs, { numRuns: 1000, seed: 1 });
    const namesIn = ({ name, terms: inner }: Term): string[] => [name, ...inner.flatMap(namesIn)];
    const depthOf = ({ terms: inner }: Term): number => 1 + Math.max(0, ...inner.map(depthOf));
    const usual = new Set(Object.values(defaultTerms).filter((name) => name !== 'full'));
    const names = new Set(tried.flatMap((spec) => spec.terms.flatMap(namesIn)));
    expect([...names].sort()).toEqual(
      members
        .map(({ name }) => name)
        .filter((name) => !usual.has(name))
        .sort(),
    );
    expect(Math.max(...tried.flatMap((spec) => spec.terms.map(depthOf)))).toBe(7);
    expect(Math.max(...tried.map((spec) => termsOf(spec, 'fate').length))).toBe(4);
  });

  test.each(roles)('every term of the role %s is printed and read as the same', (role) => {
    fc.assert(
      fc.property(terms(role), (one) => {
        expect(termOf(printTerm(one))).toEqual(one);
      }),
      { numRuns: 200 },
    );
  });

  // Fates keep their order among themselves, and what a lane does anyway may be said: it changes nothing.
  test('in one order, whatever the order of reading', () => {
    const usual = fc.constantFrom('drop', '');
    fc.assert(
      fc.property(specs, fc.nat(), usual, fc.boolean(), (spec, seed, extra, spaced) => {
        const fates = termsOf(spec, 'fate').map(printTerm);
        const others = spec.terms.map(printTerm).filter((text) => !fates.includes(text));
        const at = seed % (others.length + 1);
        const parts = [...others.slice(0, at).reverse(), ...fates, ...others.slice(at), extra].filter(Boolean);
        expect(parseLane(parts.join(spaced ? '  ' : ' + '))).toEqual({ spec, problems: [] });
      }),
      { numRuns: 300 },
    );
  });
});

describe('of a spec', () => {
  const spec = parseLane('adakv(inverted(h2o))+every(8)+merge+rerotate+kivi').spec;

  test('the terms of a role, and the score wherever it stands', () => {
    expect(termsOf(spec, 'budget').map(printTerm)).toEqual(['adakv(inverted(h2o))']);
    expect(termsOf(spec, 'score')).toEqual([]);
    expect(termsOf(spec, 'fate').map(printTerm)).toEqual(['merge', 'rerotate']);
    expect(termsOf(spec, 'retrieval')).toEqual([]);
    expect(printTerm(scoreOf(spec))).toBe('inverted(h2o)');
    expect(printTerm(scoreOf(parseLane('tova+kivi').spec))).toBe('tova');
    expect(printTerm(scoreOf(parseLane('kivi').spec))).toBe('full');
  });

  test('another answer to one of its questions', () => {
    const changed = (...[role, ...names]: [Parameters<typeof withTerms>[1], ...string[]]) =>
      printLane(withTerms(spec, role, names.map(termOf)));
    expect(changed('schedule', 'between-turns')).toBe('adakv(inverted(h2o))+between-turns+merge+rerotate+kivi');
    expect(changed('schedule')).toBe('adakv(inverted(h2o))+merge+rerotate+kivi');
    expect(changed('fate', 'compact')).toBe('adakv(inverted(h2o))+every(n=8)+compact+kivi');
    expect(changed('retrieval', 'quest')).toBe('adakv(inverted(h2o))+every(n=8)+merge+rerotate+kivi+quest');
    expect(changed('codec')).toBe('adakv(inverted(h2o))+every(n=8)+merge+rerotate');
    // A budget holds its score, so that the two go together.
    expect(changed('budget', 'pyramid(tova)')).toBe('pyramid(tova)+every(n=8)+merge+rerotate+kivi');
    expect(changed('budget', 'uniform(tova)')).toBe('tova+every(n=8)+merge+rerotate+kivi');
    expect(changed('score', 'tova')).toBe('tova+every(n=8)+merge+rerotate+kivi');
  });

  test('a term by name, or what is wrong with it', () => {
    expect(termOf('every')).toEqual(term('every'));
    expect(() => termOf('evry')).toThrow('There is no method "evry".');
    for (const name of Object.values(defaultTerms).filter(Boolean)) expect(printTerm(termOf(name))).toContain(name);
  });
});

describe('hostile texts', () => {
  const scraps = fc.constantFrom(
    ...members.map(({ name }) => name),
    '(',
    '(',
    ')',
    ')',
    '=',
    ',',
    '+',
    ' ',
    'window',
    'bits',
    '32',
    '__proto__',
    'constructor',
    '1e999',
    '-1',
    'NaN',
    '\n',
    '\ud800',
  );
  const soup = fc.oneof(
    fc.array(scraps, { maxLength: 30 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );

  test('never throw; a lane comes back that can run, and that prints and reads as itself', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const { spec } = parseLane(text);
        expect(spec.terms.length).toBeGreaterThan(0);
        expect(() => makePlan(spec)).not.toThrow();
        expect(parseLane(printLane(spec))).toEqual({ spec, problems: [] });
      }),
      { numRuns: 2000 },
    );
  });

  // Nesting once overflowed the stack, and a pattern took seconds for a long number.
  test.each([
    ['nested a hundred thousand deep', `${'inverted('.repeat(1e5)}h2o${')'.repeat(1e5)}`],
    ['nested in many at once', `${'per-layer(kivi,'.repeat(1e5)}kivi${')'.repeat(1e5)}`],
    ['a long number', `snapkv(window=${'1'.repeat(1e5)}x)`],
    ['a long name', `${'a'.repeat(1e5)}!`],
    ['a long key', `snapkv(${'a'.repeat(1e5)}${' '.repeat(1e5)}!=3)`],
    ['brackets alone', '('.repeat(1e5)],
    ['ten thousand pairs of brackets', '('.repeat(1e4) + ')'.repeat(1e4)],
    ['ten thousand pairs of brackets in a method', `snapkv${'('.repeat(1e4)}${')'.repeat(1e4)}`],
    ['ten thousand brackets that close', `adakv(snapkv${')'.repeat(1e4)}`],
    ['many parts', 'a+'.repeat(1e5)],
    ['many settings', `snapkv(${'window=3,'.repeat(1e5)})`],
    ['many spaces', `snapkv${' '.repeat(1e5)}(window=3)`],
  ])('%s', (_, text) => {
    const { spec } = parseLane(text);
    expect(parseLane(printLane(spec))).toEqual({ spec, problems: [] });
  });
});

test('a chain of fates has an end', () => {
  expect(parseLane(`h2o${'+compact+merge'.repeat(3)}`)).toEqual({
    spec: parseLane('h2o+compact+merge+compact+merge').spec,
    problems: ['compact', 'merge'].map((name) => `A lane has at most 4 fates; "${name}" was left out.`),
  });
});
