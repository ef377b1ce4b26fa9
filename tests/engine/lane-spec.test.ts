import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policies } from '../../src/engine/eviction/index.ts';
import { parseLane, printLane } from '../../src/engine/lane-spec.ts';
import { codecs } from '../../src/engine/quantization/index.ts';
import { defaults } from '../../src/engine/settings.ts';
import { specs } from './specs.ts';

const policy = (name: string, changes = {}) => ({
  name,
  settings: { ...defaults(policies[name]!.settings), ...changes },
});
const codec = (changes = {}) => ({ name: 'kivi', settings: { ...defaults(codecs['kivi']!.settings), ...changes } });
const full = { name: 'full', settings: {} };

describe('reads', () => {
  test.each([
    ['snapkv', { policy: policy('snapkv'), inverted: false }],
    ['snapkv(window=16)', { policy: policy('snapkv', { window: 16 }), inverted: false }],
    [' snapkv( window = 16 , kernel=1 ) ', { policy: policy('snapkv', { window: 16, kernel: 1 }), inverted: false }],
    ['kivi', { policy: full, inverted: false, codec: codec() }],
    ['kivi(bits=4)+h2o', { policy: policy('h2o'), inverted: false, codec: codec({ bits: 4 }) }],
    ['h2o kivi(bits=4)', { policy: policy('h2o'), inverted: false, codec: codec({ bits: 4 }) }],
    [
      'inverted(h2o(average=false))+kivi',
      { policy: policy('h2o', { average: false }), inverted: true, codec: codec() },
    ],
    ['streaming-llm(sinks=0)', { policy: policy('streaming-llm', { sinks: 0 }), inverted: false }],
    ['full', { policy: full, inverted: false }],
  ])('%s', (text, spec) => expect(parseLane(text)).toEqual({ spec, problems: [] }));
});

describe('repairs and names what is wrong', () => {
  const nothing = { policy: full, inverted: false };
  test.each([
    ['', nothing, ['A lane needs a method.']],
    ['+', nothing, ['A lane needs a method.']],
    ['snap', nothing, ['There is no method "snap".']],
    ['SnapKV', nothing, ['There is no method "SnapKV".']],
    ['snapkv(', nothing, ['There is no method "snapkv(".']],
    ['snapkv)', nothing, ['There is no method "snapkv)".']],
    ['constructor', nothing, ['There is no method "constructor".']],
    ['toString+__proto__', nothing, ['There is no method "toString".', 'There is no method "__proto__".']],
    ['h2o+tova', { policy: policy('h2o'), inverted: false }, ['A lane has one policy; "tova" was left out.']],
    ['kivi+kivi(bits=8)', { ...nothing, codec: codec() }, ['A lane has one codec; "kivi" was left out.']],
    [
      'snapkv(widow=3)',
      { policy: policy('snapkv'), inverted: false },
      ['snapkv: Unknown setting "widow"; the settings are window, kernel.'],
    ],
    [
      'snapkv(window=0)',
      { policy: policy('snapkv', { window: 1 }), inverted: false },
      ['snapkv: Setting "window" must be a number from 1 to 256 in steps of 1, not "0".'],
    ],
    [
      'snapkv(window)',
      { policy: policy('snapkv'), inverted: false },
      ['snapkv: Setting "window" must be a number from 1 to 256 in steps of 1, not "".'],
    ],
    [
      'knorm(constructor=1)',
      { policy: policy('knorm'), inverted: false },
      ['knorm: Unknown setting "constructor"; there are no settings.'],
    ],
    ['inverted(inverted(h2o))', { ...nothing, inverted: true }, ['A lane is inverted once.']],
    ['inverted()', { ...nothing, inverted: true }, ['There is no method "".']],
  ])('%j', (text, spec, problems) => expect(parseLane(text)).toEqual({ spec, problems }));
});

test('prints what is not usual, and nothing else', () => {
  expect(printLane({ policy: policy('snapkv'), inverted: false })).toBe('snapkv');
  expect(
    printLane({ policy: policy('snapkv', { window: 16 }), inverted: true, codec: codec({ bits: 4, residual: 64 }) }),
  ).toBe('inverted(snapkv(window=16))+kivi(bits=4,residual=64)');
  expect(printLane({ policy: full, inverted: false, codec: codec() })).toBe('kivi');
});

test('what was printed is read as the same lane, for every policy, codec and setting', () => {
  fc.assert(
    fc.property(specs, (spec) => {
      expect(parseLane(printLane(spec))).toEqual({ spec, problems: [] });
    }),
    { numRuns: 500 },
  );
});

describe('hostile texts', () => {
  const scraps = fc.constantFrom(
    ...Object.keys(policies),
    ...Object.keys(codecs),
    'inverted',
    '(',
    ')',
    '=',
    ',',
    '+',
    ' ',
    'window',
    'bits',
    '__proto__',
    'constructor',
    '1e999',
    '-1',
    'NaN',
    '\n',
    '\ud800',
  );
  const soup = fc.oneof(
    fc.array(scraps, { maxLength: 20 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );

  test('never throw; a lane comes back that prints and reads as itself', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const { spec } = parseLane(text);
        expect(Object.keys(policies)).toContain(spec.policy.name);
        expect(parseLane(printLane(spec))).toEqual({ spec, problems: [] });
      }),
      { numRuns: 2000 },
    );
  });

  // Nesting once overflowed the stack, and a pattern took seconds for a long number.
  test.each([
    ['nested a hundred thousand deep', `${'inverted('.repeat(1e5)}h2o${')'.repeat(1e5)}`],
    ['a long number', `snapkv(window=${'1'.repeat(1e5)}x)`],
    ['brackets alone', '('.repeat(1e5)],
    ['many parts', 'a+'.repeat(1e5)],
    ['many settings', `snapkv(${'window=3,'.repeat(1e5)})`],
  ])('%s', (_, text) => {
    const before = performance.now();
    expect(() => parseLane(text)).not.toThrow();
    expect(performance.now() - before).toBeLessThan(3000);
  });
});
