import { expect, test } from 'vitest';
import { parseLane } from '../../../src/engine/lane-spec.ts';
import { seededPrompt } from '../../../src/engine/prompt.ts';
import { studyLink } from '../../../src/state/study.ts';
import * as study from '../../../src/state/studies/reroute.ts';
import { engineOf, vocabulary } from '../../engine/harbour.ts';

test('the link names all that decides the picture', () => {
  expect(studyLink(study).write(study.rerouteView)).toBe('v=1&seed=7&keep=25&stages=2');
});

test('every layer keeps as many either way; what was deleted stays away, and the sums are those of the lanes', () => {
  const engine = engineOf();
  const view = { ...study.rerouteView, seed: 2, keep: 35 };
  const [first, last] = [...study.run(engine, view)];
  expect([first!.texts, last!.texts]).toEqual([1, 12]);
  const masks = (held: string) => Array.from(held, (digit) => parseInt(digit, 36));
  const counts = (held: string) =>
    [0, 1, 2, 3].map((layer) => masks(held).filter((mask) => (mask >> layer) & 1).length);
  expect(counts(last!.reroute.held)).toEqual(new Array(4).fill(last!.count));
  expect(counts(last!.remove.held)).toEqual(counts(last!.reroute.held));
  // Deleted tokens have the layers before the deletion at most, and both stages have one budget: all layers or none.
  expect(masks(last!.remove.held).every((mask) => mask === 0 || mask === 15)).toBe(true);
  expect(masks(last!.reroute.held).some((mask) => mask === 12)).toBe(true);

  // The reader's text, then the first eleven others.
  const lanes = [true, false].map(
    (recover) => parseLane(`stages(protected(tova,first=1,last=9),recover=${String(recover)})`).spec,
  );
  const right = [0, 0];
  for (const seed of [2, 1, ...Array.from({ length: 10 }, (_, i) => i + 3)]) {
    const prepared = engine.prepare(seededPrompt(vocabulary, seed, { length: 128 }, 0, 'visible'));
    engine.compare(prepared, lanes, 0.35).forEach((run, i) => (right[i]! += Number(run.right)));
    engine.release(prepared);
  }
  expect([last!.sums.reroute.right, last!.sums.remove.right]).toEqual(right);
  expect(last!.sums.reroute.kl).toBeLessThan(last!.sums.remove.kl);
});
