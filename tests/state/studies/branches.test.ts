import { expect, test } from 'vitest';
import { thetaOf } from '../../../src/engine/measure/early-exit.ts';
import { branchKinds } from '../../../src/engine/world/branches.ts';
import { studyLink } from '../../../src/state/study.ts';
import * as study from '../../../src/state/studies/branches.ts';
import { engineOf } from '../../engine/harbour.ts';

const engine = engineOf();

test('the link names all that decides the picture', () => {
  const link = studyLink(study);
  const query = link.write(study.branchesView);
  expect(query).toBe('v=1&seed=1&show=gate&tau=0.82&theta=4.1&epsilon=3');
  expect(link.read(query, study.branchesView)).toEqual({ view: study.branchesView, problems: [] });
});

test('an equal prompt is alike, and its cache changes nothing; a changed fact is as alike, and changes the answer', () => {
  const results = [...study.run(engine, study.branchesView)];
  expect(results.map(({ texts }) => texts)).toEqual(results.map((_, i) => i + 1));
  const { branches, words, texts } = results.at(-1)!;
  expect(Object.keys(branches)).toEqual([...branchKinds]);
  expect(branches.same).toEqual(branches.same.map(() => ({ sigma: 1, kl: 0, same: true })));
  expect(branches.fact.every(({ sigma }) => sigma > 0.99)).toBe(true);
  expect(branches.fact.filter(({ same }) => same).length).toBeLessThan(texts / 4);
  expect(branches.other.filter(({ same }) => same).length).toBeLessThan(texts / 4);
  for (const { entropies, same } of words) {
    expect(entropies).toHaveLength(engine.model.config.layers);
    expect(entropies.every((nats) => nats >= 0 && nats <= Math.log(engine.model.config.vocabulary))).toBe(true);
    expect(same.at(-1)).toBe(true);
  }
  // Theta of the opening view is set on these words, as RKSC sets it.
  const theta = thetaOf(
    words.map(({ entropies }) => entropies),
    study.branchesView.epsilon,
  );
  expect(theta.toFixed(1)).toBe(String(study.branchesView.theta));
}, 30_000);
