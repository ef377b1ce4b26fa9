import { describe, expect, test } from 'vitest';
import { defaults, listOf, parseNumber, parseSettings } from '../../src/engine/settings.ts';

const table = {
  window: { kind: 'number', default: 8, min: 1, max: 16, step: 1, about: '' },
  kernel: { kind: 'number', default: 5, min: 1, max: 8, step: 2, about: '' },
  share: { kind: 'number', default: 0, min: 0, max: 1, step: 0.05, about: '' },
  bits: { kind: 'choice', default: 2, choices: [2, 4, 8], about: '' },
  average: { kind: 'switch', default: true, about: '' },
  shares: { kind: 'list', default: '2:1', min: 0, max: 10, step: 0.5, longest: 3, about: '' },
} as const;

const parse = (...assignments: string[]) =>
  parseSettings(
    table,
    assignments.map((text) => text.split('=') as [string, string]),
  );

test('nothing said means the defaults', () => {
  expect(parse()).toEqual({ settings: defaults(table), problems: [] });
  expect(defaults(table)).toEqual({ window: 8, kernel: 5, share: 0, bits: 2, average: true, shares: '2:1' });
});

test('good settings are read, the last one of a key counts', () => {
  expect(parse('window=3', 'kernel=7', 'share=.35', 'bits=4', 'average=false', 'window=16', 'shares=4:.5:1')).toEqual({
    settings: { window: 16, kernel: 7, share: 0.35, bits: 4, average: false, shares: '4:0.5:1' },
    problems: [],
  });
});

describe('a bad setting is repaired and reported', () => {
  test.each([
    ['window=0', 'window', 1, 'Setting "window" must be a number from 1 to 16 in steps of 1, not "0".'],
    ['window=99', 'window', 16, '"99"'],
    ['window=3.4', 'window', 3, '"3.4"'],
    ['window=', 'window', 8, 'not ""'],
    ['window=0x4', 'window', 8, '"0x4"'],
    ['window=NaN', 'window', 8, '"NaN"'],
    ['window=1e999', 'window', 8, '"1e999"'],
    ['kernel=8', 'kernel', 7, 'steps of 2'],
    ['share=0.52', 'share', 0.5, 'steps of 0.05'],
    ['bits=3', 'bits', 2, 'Setting "bits" must be one of 2, 4, 8, not "3".'],
    ['bits=99', 'bits', 8, '"99"'],
    [
      'shares=',
      'shares',
      '2:1',
      'Setting "shares" must be up to 3 times a number from 0 to 10 in steps of 0.5, with colons between, not "".',
    ],
    ['shares=1:x:3', 'shares', '1:3', '"1:x:3"'],
    ['shares=1:2:3:4', 'shares', '1:2:3', '"1:2:3:4"'],
    ['shares=99:0.6', 'shares', '10:0.5', '"99:0.6"'],
    ['average=yes', 'average', true, 'Setting "average" must be true or false, not "yes".'],
  ] as const)('%s', (assignment, key, value, problem) => {
    const { settings, problems } = parse(assignment);
    expect(settings[key]).toBe(value);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});

test('an unknown key is reported and adds nothing, whatever it is called', () => {
  const { settings, problems } = parse('wndow=3', 'constructor=1', '__proto__=1');
  expect(settings).toEqual(defaults(table));
  expect(problems[0]).toBe('Unknown setting "wndow"; the settings are window, kernel, share, bits, average, shares.');
  expect(problems).toHaveLength(3);
  expect(parseSettings({}, [['seed', '1']]).problems).toEqual(['Unknown setting "seed"; there are no settings.']);
});

test('a word is one of its choices, and else the default', () => {
  const words = { scorer: { kind: 'word', default: 'qk', choices: ['lru', 'qk'], about: '' } } as const;
  expect(parseSettings(words, [['scorer', 'lru']])).toEqual({ settings: { scorer: 'lru' }, problems: [] });
  expect(parseSettings(words, [['scorer', 'LRU']])).toEqual({
    settings: { scorer: 'qk' },
    problems: ['Setting "scorer" must be one of lru, qk, not "LRU".'],
  });
});

test('numbers are decimal and finite', () => {
  expect(['1', '-1.5', '+.5', '2.', '1e3'].map(parseNumber)).toEqual([1, -1.5, 0.5, 2, 1000]);
  expect(['', ' ', '1 ', '0x1', 'Infinity', '1e999', '.', 'e5', '1,5'].map(parseNumber)).toEqual(
    new Array(9).fill(undefined),
  );
});

test('a list is its numbers', () => {
  expect(listOf('4:0.5:1')).toEqual([4, 0.5, 1]);
  expect(listOf('7')).toEqual([7]);
});
