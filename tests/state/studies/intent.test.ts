import { expect, test } from 'vitest';
import { answered, keptBetween, paidBefore, reread, survived } from '../../../src/engine/measure/next-turn.ts';
import { seededPrompt } from '../../../src/engine/prompt.ts';
import { studyLink } from '../../../src/state/study.ts';
import * as study from '../../../src/state/studies/intent.ts';
import { engineOf, vocabulary } from '../../engine/harbour.ts';

test('the link names all that decides the picture', () => {
  expect(studyLink(study).write(study.intentView)).toBe('v=1&seed=9&keep=50&last=again&decay=0.5&turn=4');
});

test('the reader\u2019s conversation comes first, then means over more of them; what it says is what the engine finds', () => {
  const engine = engineOf();
  const view = { ...study.intentView, seed: 5, keep: 40, last: 'anew' } as const;
  const results = [...study.run(engine, view)];
  expect(results.map(({ texts }) => texts)).toEqual([1, 4, 8, 12]);
  const [first, last] = [results[0]!, results.at(-1)!];
  expect(first.mean).toEqual(first.own);
  expect(last.own).toEqual(first.own);
  const prompt = seededPrompt(
    vocabulary,
    5,
    { length: 192, kinds: ['code', 'place', 'liking', 'list'], turns: 4 },
    0,
    'later',
  );
  const talk = reread(engine, answered(engine, prompt));
  const at = study.decays.indexOf(1.5);
  const kept = keptBetween(talk, 1.5, 0.4)[2]!;
  expect(last.own[1]!.kept[1 + at]).toBeCloseTo(survived(paidBefore(talk)[2]!, kept), 4);
  expect([...last.moments[1]!.kept[1 + at]!].flatMap((digit, token) => (digit === '1' ? [token] : []))).toEqual(
    [...kept].sort((a, b) => a - b),
  );
  for (const { kept: shares, best, chance } of last.mean) {
    for (const share of shares) expect(share).toBeLessThanOrEqual(best);
    expect(chance).toBeLessThan(0.4);
  }
});
