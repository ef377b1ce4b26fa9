/** Any view that the site can show, and what must be true of every view that comes out of a link. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { parseLane, printLane } from '../../src/engine/lane-spec.ts';
import { moments, readings } from '../../src/engine/prompt.ts';
import { kinds } from '../../src/engine/world/facts.ts';
import { models, type ModelId } from '../../src/state/models.ts';
import { fields, inks, pictures, type View } from '../../src/state/view.ts';
import { specs } from '../engine/specs.ts';

const orWord = (word: 'end' | 'all', max: number) => fc.oneof(fc.constant(word), fc.integer({ min: 0, max }));

const base = {
  model: fc.constantFrom(...(Object.keys(models) as ModelId[])),
  lanes: fc.array(specs.map(printLane), { minLength: 1, maxLength: 8 }),
  seed: fc.integer({ min: 0, max: 4294967295 }),
  length: fc.integer({ min: 64, max: 1024 }),
  question: fc.integer({ min: 0, max: 999 }),
  kinds: fc.subarray([...kinds], { minLength: 1 }),
  facts: fc.constantFrom('many', 'few'),
  moment: fc.constantFrom(...moments),
  reading: fc.constantFrom(...readings),
  turns: fc.integer({ min: 1, max: 6 }),
  keep: fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100),
  view: fc.constantFrom(...pictures),
  tick: orWord('end', 4096),
  layer: orWord('all', 63),
  head: orWord('all', 63),
  ink: fc.constantFrom(...inks),
  texts: fc.integer({ min: 1, max: 500 }),
};

/** A view whose text comes from a seed, or a reader's own: a link holds either, and leaves the rest at its default. */
export const views = (usual: View): fc.Arbitrary<View> =>
  fc.oneof(
    fc.record({ ...base, text: fc.constant(''), ask: fc.constant('') }),
    fc.record({
      ...base,
      text: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
      ask: fc.string({ unit: 'binary', maxLength: 30 }),
      seed: fc.constant(usual.seed),
      length: fc.constant(usual.length),
      kinds: fc.constant(usual.kinds),
      facts: fc.constant(usual.facts),
      question: fc.constant(usual.question),
      turns: fc.constant(usual.turns),
    }),
  ) as fc.Arbitrary<View>;

const whole = (value: unknown, min: number, max: number) => {
  expect(Number.isInteger(value) && (value as number) >= min && (value as number) <= max, String(value)).toBe(true);
};

export function expectShowable(view: View): void {
  expect(Object.keys(view)).toEqual(Object.keys(fields));
  expect(view.lanes.length >= 1 && view.lanes.length <= 8).toBe(true);
  for (const lane of view.lanes)
    expect([printLane(parseLane(lane).spec), parseLane(lane).problems]).toEqual([lane, []]);
  whole(view.seed, 0, 4294967295);
  whole(view.length, 64, 1024);
  whole(view.question, 0, 999);
  whole(view.turns, 1, 6);
  whole(view.texts, 1, 500);
  whole(Math.round(view.keep * 1e8) / 1e6, 1, 100);
  expect(
    view.kinds.length > 0 &&
      view.kinds.every((kind) => kinds.includes(kind)) &&
      new Set(view.kinds).size === view.kinds.length,
  ).toBe(true);
  expect(moments).toContain(view.moment);
  expect(readings).toContain(view.reading);
  expect(pictures).toContain(view.view);
  if (view.tick !== 'end') whole(view.tick, 0, 4096);
  if (view.layer !== 'all') whole(view.layer, 0, 63);
  if (view.head !== 'all') whole(view.head, 0, 63);
  expect(inks).toContain(view.ink);
  for (const text of [view.text, view.ask])
    expect(typeof text === 'string' && text.length <= 12000 && text.isWellFormed()).toBe(true);
}
