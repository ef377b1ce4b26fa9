import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as study from '../../../src/state/studies/frontier.ts';
import { frontierBudgets, frontierLanes, frontierView, keyOf } from '../../../src/state/studies/frontier.ts';
import { studyLink } from '../../../src/state/study.ts';
import { engineOf } from '../../engine/harbour.ts';

test('it asks the lanes at the budgets that were measured on many questions', () => {
  const path = new URL('../../../public/data/measure.json', import.meta.url);
  const { lanes } = JSON.parse(readFileSync(path, 'utf8')) as { lanes: { lane: string; keep: number }[] };
  const all = frontierBudgets.flatMap((keep) => frontierLanes.map((lane) => keyOf({ lane, keep })));
  expect(lanes.map(keyOf).sort()).toEqual(all.sort());
});

test('the link of the figure names its question', () => {
  expect(studyLink(study).write(frontierView)).toBe('v=1&seed=7&question=0');
});

test('every budget is a result, and few bits answer where few entries do not', () => {
  const results = [...study.run(engineOf(), frontierView)];
  expect(results.map(({ right }) => Object.keys(right).length)).toEqual(
    [1, 2, 3, 4].map((n) => n * frontierLanes.length),
  );
  const { question, answer, right } = results.at(-1)!;
  expect(question).toMatch(/\?$/);
  expect(answer).not.toBe('');
  expect([right['q8_0 0.5'], right['kivi(bits=4) 0.0625'], right['random 0.0625']]).toEqual([true, true, false]);
});
