import { describe, expect, test } from 'vitest';
import { seededPrompt } from '../../src/engine/prompt.ts';
import { Comparer, promptOf, type Shown } from '../../src/state/compare.ts';
import { curve, curveBudgets, type CurvePoint } from '../../src/state/curve.ts';
import { slim } from '../../src/state/slim.ts';
import { defaultView, type View } from '../../src/state/view.ts';
import { compare, engineOf } from '../engine/harbour.ts';

const engine = engineOf();
const view: View = { ...defaultView, lanes: ['full', 'h2o', 'kivi'], seed: 3, length: 128 };

describe('a view is run', () => {
  test("as its prompt says: from a seed, or from a text of one's own", () => {
    expect(promptOf({ ...view, question: 2 }).words).toEqual(seededPrompt(3, { length: 128 }, 2, 'later').words);
    expect(promptOf({ ...view, kinds: ['code'], moment: 'visible' }).compressedAt).toBeGreaterThan(128);
    expect(promptOf({ ...view, text: 'It rained.', ask: 'Where?' })).toMatchObject({
      words: ['<bos>', 'it', 'rained', '.', 'where', '?'],
      expected: undefined,
    });
  });

  test('and shows what the engine found', () => {
    const shown = new Comparer(engine).compare(view);
    const runs = compare(engine, engine.prepare(promptOf(view)), view.lanes, 0.25);
    expect(shown).toMatchObject({
      heads: 16,
      kvHeads: 4,
      headDim: 32,
      prompt: { compressedAt: 128, textLength: 128, needed: promptOf(view).question.needed },
    });
    shown.lanes.forEach((lane, i) => expect(runs[i]).toMatchObject(lane));
  });

  test('the same however one came to it: other budgets, lanes, texts and clocks before', () => {
    const fresh = new Comparer(engine).compare(view);
    const comparer = new Comparer(engine);
    const wandered: Partial<View>[] = [
      {},
      { keep: 0.1 },
      { lanes: ['tova'] },
      { seed: 9 },
      { moment: 'visible' },
      { text: 'It rained.', ask: 'Where?' },
      { length: 64 },
      { kinds: ['code'] },
      { question: 1 },
    ];
    for (const change of wandered) comparer.compare({ ...view, ...change });
    expect(comparer.compare(view)).toEqual(fresh);
    expect(comparer.compare({ ...view, tick: 3, view: 'bytes', layer: 1 })).toEqual(fresh);
  });

  // A curve reads its texts into the same cache. Once, the next budget was then run on the curve's last text.
  test('the same while and after a curve is filled in', () => {
    const comparer = new Comparer(engine);
    const before = comparer.compare({ ...view, keep: 0.5 });
    const points = curve(engine, { ...view, seed: 500 }, 3);
    points.next();
    expect(comparer.compare({ ...view, keep: 0.5 })).toEqual(before);
    const disturbed = [...points].at(-1);
    expect(comparer.compare({ ...view, keep: 0.5 })).toEqual(before);
    expect(disturbed).toEqual([...curve(engine, { ...view, seed: 500 }, 3)].at(-1));
  });
});

describe('a curve', () => {
  const seeds = 3;
  const tallies = [...curve(engine, view, seeds)];
  const at = (points: readonly CurvePoint[], lane: string, keep: number) =>
    points.find((point) => point.lane === lane && point.keep === keep)!;

  test('has a point for each lane and budget after each text', () => {
    expect(tallies.map((points) => points.map(({ lane, keep, n }) => [lane, keep, n]))).toEqual(
      [1, 2, 3].map((n) => view.lanes.flatMap((lane) => curveBudgets.map((keep) => [lane, keep, n]))),
    );
    expect(curveBudgets).toEqual([...curveBudgets].sort((a, b) => a - b));
  });

  test("counts what single runs of the seeds from the view's on say", () => {
    for (const [keep, lane] of [
      [0.1, 'h2o'],
      [0.5, 'h2o'],
      [0.2, 'kivi'],
    ] as const) {
      const runs = Array.from(
        { length: seeds },
        (_, i) => compare(engine, engine.prepare(promptOf({ ...view, seed: view.seed + i })), [lane], keep)[0]!,
      );
      const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / seeds;
      const point = at(tallies[2]!, lane, keep);
      expect(point.right).toBe(runs.filter(({ right }) => right).length);
      expect(point.live).toBeCloseTo(mean(runs.map(({ bytes }) => bytes.live / bytes.full)), 12);
      expect(point.kl).toBeCloseTo(mean(runs.map(({ kl }) => kl)), 12);
    }
  });

  test('the full cache does not depend on the budget, and with all of it every evicting lane is as good', () => {
    for (const keep of curveBudgets)
      expect(at(tallies[2]!, 'full', keep)).toMatchObject({ right: at(tallies[2]!, 'full', 1).right, live: 1, kl: 0 });
    expect(at(tallies[2]!, 'h2o', 1)).toMatchObject({ right: at(tallies[2]!, 'full', 1).right, kl: 0 });
  });

  test('goes round at the last seed', () => {
    expect([...curve(engine, { ...view, lanes: ['full'], seed: 4294967295 }, 2)].at(-1)![0]!.n).toBe(2);
  });
});

test('a slim run is the same, but for the attention of single heads', () => {
  const shown = new Comparer(engine).compare(view);
  const small = slim(shown);
  const withoutHeads = (one: Shown) =>
    JSON.parse(
      JSON.stringify(one, (key, value: unknown) =>
        key === 'heads' && value instanceof Uint8Array ? undefined : value,
      ),
    ) as unknown;
  expect(withoutHeads(small)).toEqual(withoutHeads(shown));
  expect(
    small.lanes
      .flatMap(({ events }) => events)
      .filter((event) => event.type === 'answer' && 'heads' in event.attention),
  ).toEqual([]);
  expect(JSON.stringify(small).length).toBeLessThan(JSON.stringify(shown).length / 2);
});
