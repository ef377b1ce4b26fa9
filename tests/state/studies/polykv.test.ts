import { describe, expect, test } from 'vitest';
import { ofHeads, polykv } from '../../../src/engine/eviction/polykv.ts';
import { lessonSeed, readLesson } from '../../../src/engine/lessons.ts';
import { defaultsOf } from '../../../src/state/fields.ts';
import * as study from '../../../src/state/studies/polykv.ts';
import { compare, engineOf, shortPrompt } from '../../engine/harbour.ts';

const engine = engineOf();
const run = (change: Partial<study.PlanView>) => [
  ...study.run(engine, { ...defaultsOf<study.PlanView>(study.fields), texts: 1, ...change }),
];

describe('of the shipped calibration', () => {
  const [found] = run({});
  const { cosines, plan, inverted, rates } = found!;

  test('each layer has the rule with the largest cosine, and turned round the smallest', () => {
    cosines.forEach((row, layer) => {
      expect(row[plan[layer]!]).toBe(Math.max(...row));
      expect(row[inverted[layer]!]).toBe(Math.min(...row));
    });
    expect(found).toMatchObject({ taught: 20, n: 1, rules: ['h2o', 'snapkv', 'streaming-llm', 'tova'] });
    expect(rates.map((row) => row.length)).toEqual(study.budgets.map(() => 6));
  });

  test('a plan written out keeps what the rule keeps that looks it up', () => {
    const prepared = engine.prepare(shortPrompt(3));
    const lanes = [study.laneOf(plan), 'polykv', study.laneOf(inverted), 'polykv(worst=true)'];
    const kept = compare(engine, prepared, lanes, 0.25).map((lane) => lane.kept);
    engine.release(prepared);
    expect(kept[0]).toEqual(kept[1]);
    expect(kept[2]).toEqual(kept[3]);
    expect(kept[0]).not.toEqual(kept[2]);
  });
});

test('a calibration that is run here tells how far it is, and what it found before any lane is asked', () => {
  const results = run({ calibration: 'again', taught: 1 });
  expect(results.map(({ taught, n, rates }) => [taught, n, rates.length])).toEqual([
    [1, 0, 0],
    [1, 1, 3],
  ]);
  const { layers, lesson, release } = readLesson(engine, lessonSeed);
  layers.forEach((layer, at) =>
    ofHeads(polykv.learns!.from([layer], [lesson])).forEach((cosine, r) =>
      expect(results[0]!.cosines[at]![r]).toBeCloseTo(cosine, 4),
    ),
  );
  release();
}, 60_000);
