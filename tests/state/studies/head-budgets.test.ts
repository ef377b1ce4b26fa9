import { expect, test } from 'vitest';
import { parseLane } from '../../../src/engine/lane-spec.ts';
import { countsOf } from '../../../src/engine/room.ts';
import { seededPrompt } from '../../../src/engine/prompt.ts';
import { defaultKinds } from '../../../src/engine/world/text.ts';
import { studyLink } from '../../../src/state/study.ts';
import * as study from '../../../src/state/studies/head-budgets.ts';
import { engineOf, vocabulary } from '../../engine/harbour.ts';

const shape = { layers: 4, kvHeads: 4 };

test('the link names all that decides the picture', () => {
  expect(studyLink(study).write(study.headBudgetsView)).toBe('v=1&seed=7&keep=25&safeguard=20&table=all');
});

test('numbers are two digits each, and sliders have all their places', () => {
  expect(study.packCounts([0, 35, 36, 1295])).toBe('000z10zz');
  expect(study.places(study.fields.safeguard)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
});

test('heads have what a lane gives them, at any place of the sliders', () => {
  const engine = engineOf();
  const [found] = study.run(engine, { ...study.headBudgetsView, seed: 4 });
  const prepared = engine.prepare(seededPrompt(vocabulary, 4, { length: 256, kinds: defaultKinds }, 0, 'visible'));
  expect(found!.tokens).toBe(prepared.prompt.compressedAt);
  for (const [keep, safeguard] of [
    [25, 20],
    [10, 0],
    [70, 80],
  ] as const) {
    const [run] = engine.compare(prepared, [parseLane(`adakv(snapkv,safeguard=${safeguard / 100})`).spec], keep / 100);
    expect(study.countsAt(found!, { keep, safeguard }, shape).flat()).toEqual(countsOf(run!.kept));
  }
  const even = study.countsAt(found!, { keep: 25, safeguard: 100 }, shape).flat();
  expect(new Set(even)).toEqual(new Set([Math.trunc(0.25 * found!.tokens)]));
});
