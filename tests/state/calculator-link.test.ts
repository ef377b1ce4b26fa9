import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ggmlTypes, cacheTypeNames } from '../../src/calculator/cache-types.ts';
import { models } from '../../src/calculator/models.ts';
import {
  calculatorFields,
  calculatorLink,
  defaultCalculatorView,
  mostModels,
  type CalculatorView,
} from '../../src/state/calculator-view.ts';
import { memoryPresets } from '../../src/state/memory-presets.ts';

const ids = models.map(({ id }) => id);
const between = ({ min, max, step }: { min: number; max: number; step: number }) =>
  fc
    .integer({ min: Math.round(min / step), max: Math.round(max / step) })
    .map((n) => Number((n * step).toPrecision(12)));
const f = calculatorFields;

const views: fc.Arbitrary<CalculatorView> = fc.record({
  models: fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1, maxLength: mostModels }),
  tokens: between(f.tokens),
  sequences: between(f.sequences),
  keys: fc.constantFrom(...cacheTypeNames),
  values: fc.constantFrom(...cacheTypeNames),
  block: between(f.block),
  keep: between(f.keep),
  config: fc.constantFrom('', ...models.slice(0, 5).map(({ excerpt }) => JSON.stringify(excerpt))),
  host: fc.constantFrom(...ids),
  gib: between(f.gib),
  weights: between(f.weights),
  ctx: between(f.ctx),
  np: between(f.np),
  ctk: fc.constantFrom(...ggmlTypes),
  ctv: fc.constantFrom(...ggmlTypes),
  ctxcp: between(f.ctxcp),
  cram: between(f.cram),
  buffers: between(f.buffers),
  system: between(f.system),
  wired: between(f.wired),
});
const read = (query: string) => calculatorLink.read(query, defaultCalculatorView);

test('a link gives back the view that it was written from, without a notice', () => {
  fc.assert(
    fc.property(views, (view) => {
      expect(read(calculatorLink.write(view))).toEqual({ view, problems: [] });
    }),
  );
});

test('whatever stands in a link, a view comes back that can be shown, and what was repaired is said', () => {
  const { view, problems } = read(
    'v=1&models=nothing;qwen3-8b&tokens=1e99&sequences=-3&keys=q3&host=x&ctv=fp8&keep=half&odd=1',
  );
  expect(view).toMatchObject({
    models: ['qwen3-8b'],
    tokens: 16_777_216,
    sequences: 1,
    keys: 'f16',
    host: 'qwen3.5-122b-a10b',
    ctv: 'f16',
    keep: 1,
  });
  expect(problems).toEqual([
    'models: there is no model "nothing".',
    'tokens: 1e99 became 16777216.',
    'sequences: -3 became 1.',
    expect.stringMatching(/^keys must be f16 or bf16 or .*, not "q3"; f16 is used\.$/),
    'keep must be a number from 0.01 to 1, not "half"; 1 is used.',
    expect.stringMatching(/^host must be a model of the list, not "x"; qwen3\.5-122b-a10b is used\.$/),
    expect.stringMatching(/^ctv must be .*, not "fp8"; f16 is used\.$/),
    'Unknown and left out: odd.',
  ]);
});

test('every link can be read as text: property over arbitrary queries', () => {
  fc.assert(
    fc.property(fc.string(), (query) => {
      const { view } = read(query);
      expect(read(calculatorLink.write(view)).view).toEqual(view);
    }),
  );
});

test('a link of this version keeps its meaning', () => {
  expect(calculatorLink.write(defaultCalculatorView)).toBe(
    'v=1&models=qwen3-32b;gemma-3-27b;qwen3.5-27b;deepseek-v3&tokens=32768&sequences=1&keys=f16&values=f16&block=16&keep=1' +
      '&host=qwen3.5-122b-a10b&gib=96&weights=72&ctx=150000&np=1&ctk=f16&ctv=f16&ctxcp=32&cram=6000&buffers=2&system=8&wired=0',
  );
});

test('presets are within the limits', () => {
  for (const [, preset] of memoryPresets) {
    const view = { ...defaultCalculatorView, ...preset };
    expect(read(calculatorLink.write(view))).toEqual({ view, problems: [] });
  }
});
