import { describe, expect, test } from 'vitest';
import { Correlation } from '../../../src/engine/measure/correlation.ts';
import { seriesAt } from '../../../src/engine/measure/distance-logits.ts';
import { defaultsOf } from '../../../src/state/fields.ts';
import { studyLink } from '../../../src/state/study.ts';
import * as study from '../../../src/state/studies/triattention.ts';
import { engineOf } from '../../engine/harbour.ts';

const view = { ...defaultsOf<study.CosinesView>(study.fields), texts: 2 };

test('the link names all that decides the picture, and a budget that was not measured becomes the nearest', () => {
  const link = studyLink(study);
  expect(link.write(view)).toBe('v=1&layer=1&head=5&keep=0.25&moment=later&seed=9000000&texts=2');
  const { view: read, problems } = link.read('v=1&keep=0.4', view);
  expect([read.keep, problems]).toEqual([0.5, ['keep: 0.4 became 0.5.']]);
});

describe('two texts', () => {
  const engine = engineOf();
  const results = [...study.run(engine, view)];
  const { heads, n, rates } = results.at(-1)!;
  const numbers = (text: string) => text.split(' ').map(Number);
  const { frequencies } = engine.model.store.rope;
  const followed = (means: string, from: (typeof heads)[number]) => {
    const weights = { cosines: numbers(from.cosines), sines: numbers(from.sines) };
    const correlation = new Correlation();
    numbers(means).forEach((mean, i) => correlation.add(mean, seriesAt(weights, frequencies, i + 1)));
    return correlation.r;
  };

  test('are told one after the other, each result whole', () => {
    expect(results.map((result) => [result.n, result.heads.length])).toEqual([
      [1, 32],
      [2, 32],
    ]);
    expect(n).toBe(2);
    expect(rates.map((row) => row.length)).toEqual(study.budgets.map(() => study.lanes.length));
    expect(Math.max(...rates.flat().map(([right]) => right))).toBeLessThanOrEqual(2);
  });

  test('means and series that are drawn have the r that is said', () => {
    for (const head of heads) expect(Math.abs(followed(head.means, head) - head.r)).toBeLessThan(0.02);
  });

  test('the center of another head tells less', () => {
    const mean = (of: (i: number) => number) => heads.reduce((sum, _, i) => sum + of(i), 0) / heads.length;
    const own = mean((i) => followed(heads[i]!.means, heads[i]!));
    const other = mean((i) => followed(heads[i]!.means, heads[(i + 5) % 32]!));
    expect(own).toBeGreaterThan(other + 0.3);
  });

  test('R is between the least and the most concentrated band', () => {
    for (const { bands, concentration } of heads) {
      expect(numbers(bands)).toHaveLength(16);
      expect(concentration).toBeGreaterThanOrEqual(Math.min(...numbers(bands)));
      expect(concentration).toBeLessThanOrEqual(Math.max(...numbers(bands)));
    }
  });
});
