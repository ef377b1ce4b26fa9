import { expect, test } from 'vitest';
import { choices, shares } from '../../../src/engine/measure/blends.ts';
import { studyLink } from '../../../src/state/study.ts';
import * as study from '../../../src/state/studies/splice.ts';
import { engineOf } from '../../engine/harbour.ts';

const engine = engineOf();

test('the link names all that decides the picture', () => {
  const link = studyLink(study);
  const query = link.write({ ...study.spliceView, keys: 'as they were' });
  expect(query).toBe('v=1&seed=1&cut=fact&keys=as+they+were&choice=deviation&step=3');
  expect(link.read(query, study.spliceView).view.keys).toBe('as they were');
});

test('counts are of all texts so far; of all words computed anew every answer is that of the whole text', () => {
  const results = [...study.run(engine, { ...study.spliceView, seed: 21 })];
  expect(results.map(({ texts }) => texts)).toEqual(results.map((_, i) => i + 1));
  const { cells, texts, words, at } = results.at(-1)!;
  for (const choice of choices) {
    expect(cells[choice]).toHaveLength(shares.length);
    expect(cells[choice].at(-1)).toMatchObject({ same: texts, meanKl: 0, computed: words.split(' ').length - at });
    expect(cells[choice][0]).toEqual(cells.deviation[0]);
    for (const { same, marks, computed } of cells[choice]) {
      expect(same).toBeLessThanOrEqual(texts);
      expect(marks.slice(0, at)).toBe('0'.repeat(at));
      expect([...marks].filter((mark) => mark === 'x')).toHaveLength(computed);
    }
  }
  expect(JSON.stringify(results.at(-1)).length).toBeLessThan(7_000);
}, 30_000);

test('keys that are not turned are another cache', () => {
  const [turned] = study.run(engine, study.spliceView);
  const [raw] = study.run(engine, { ...study.spliceView, keys: 'as they were' });
  expect(raw!.words).toBe(turned!.words);
  expect(raw!.cells.deviation[0]!.kl).not.toBe(turned!.cells.deviation[0]!.kl);
  expect(raw!.cells.deviation.at(-1)).toEqual(turned!.cells.deviation.at(-1));
});
