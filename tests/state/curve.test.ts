import { describe, expect, test } from 'vitest';
import { promptOf } from '../../src/state/compare.ts';
import { curve, curveBudgets, noCurve, type CurvePoint } from '../../src/state/curve.ts';
import { defaultView, type View } from '../../src/state/view.ts';
import { compare, engineOf, vocabulary } from '../engine/harbour.ts';

const engine = engineOf();
const view: View = { ...defaultView, lanes: ['full', 'h2o', 'kivi'], seed: 3, length: 128 };
const seeds = 3;
const at = (points: readonly CurvePoint[], lane: string, keep: number) =>
  points.find((point) => point.lane === lane && point.keep === keep)!;

describe('a curve', () => {
  const tallies = [...curve(engine, view, seeds)];

  test('has a point for each lane and budget after each text', () => {
    expect(tallies.map((points) => points.map(({ lane, keep, n }) => [lane, keep, n]))).toEqual(
      [1, 2, 3].map((n) => view.lanes.flatMap((lane) => curveBudgets.map((keep) => [lane, keep, n]))),
    );
    expect(curveBudgets).toEqual([...curveBudgets].sort((a, b) => a - b));
  });

  test('does not change what it has told', () => {
    const points = curve(engine, { ...view, length: 64 }, 2);
    const first = points.next().value as CurvePoint[];
    const copy = structuredClone(first);
    points.next();
    expect(first).toEqual(copy);
  });

  test('the full cache does not depend on the budget, and with all of it every evicting lane is as good', () => {
    for (const keep of curveBudgets)
      expect(at(tallies[2]!, 'full', keep)).toMatchObject({ right: at(tallies[2]!, 'full', 1).right, live: 1, kl: 0 });
    expect(at(tallies[2]!, 'h2o', 1)).toMatchObject({ right: at(tallies[2]!, 'full', 1).right, kl: 0 });
  });

  test('goes round at the last seed', () => {
    const points = [...curve(engine, { ...view, lanes: ['h2o'], length: 64, seed: 4294967295 }, 2)];
    const first = [...curve(engine, { ...view, lanes: ['h2o'], length: 64, seed: 0 }, 1)][0]!;
    expect(points[1]![0]!.n).toBe(2);
    // What the second text adds is what seed 0 gives alone.
    points[1]!.forEach((point, i) => {
      const before = points[0]![i]!;
      expect(point.right - before.right).toBe(first[i]!.right);
      expect(2 * point.kl - before.kl).toBeCloseTo(first[i]!.kl, 9);
    });
  });

  test('gives back the memory of every text', () => {
    const { pool } = engine.model.store;
    const held = () => pool.size - pool.free;
    const before = held();
    const points = curve(engine, { ...view, length: 64 }, 3);
    points.next();
    expect(held()).toBe(before);
    for (const _ of points);
    expect(held()).toBe(before);
  });
});

describe('tallies are those of single comparisons', () => {
  const views: readonly View[] = [
    view,
    { ...view, lanes: ['adakv(snapkv)', 'snapkv+kivi+merge'], moment: 'visible', kinds: ['code', 'place'] },
    { ...view, lanes: ['tova+between-turns', 'random'], turns: 2, question: 1, length: 96 },
    { ...view, lanes: ['knorm', 'quest'], reading: 'spliced' },
  ];

  test.each(views.map((one) => [one.lanes.join(', '), one] as const))('%s', (_, one) => {
    const points = [...curve(engine, one, seeds)][seeds - 1]!;
    const prepared = Array.from({ length: seeds }, (_, i) =>
      engine.prepare(promptOf(vocabulary, { ...one, seed: one.seed + i })),
    );
    for (const lane of one.lanes) {
      for (const keep of curveBudgets) {
        const runs = prepared.map((text) => compare(engine, text, [lane], keep)[0]!);
        const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / seeds;
        const point = at(points, lane, keep);
        expect(point.right).toBe(runs.filter(({ right }) => right).length);
        expect(point.live).toBeCloseTo(mean(runs.map(({ bytes }) => bytes.live / bytes.full)), 12);
        expect(point.kl).toBeCloseTo(mean(runs.map(({ kl }) => kl)), 9);
      }
    }
    for (const text of prepared) engine.release(text);
  });
});

test("a reader's own text has no curve, and that is said in a sentence", () => {
  expect(noCurve(view)).toBeUndefined();
  expect(noCurve({ ...view, text: 'It rained.' })).toMatch(/^A curve .*[^.]\.$/);
});
