import { expect, test } from 'vitest';
import { studyLink } from '../../../src/state/study.ts';
import * as study from '../../../src/state/studies/edit.ts';
import { engineOf } from '../../engine/harbour.ts';

const engine = engineOf();
const link = studyLink(study);

test('the link names all that decides the picture, and is read as it was written', () => {
  const query = link.write(study.editView);
  expect(query).toBe('v=1&seed=1&about=code&change=name&repair=field&k=4');
  expect(link.read(query, study.editView)).toEqual({ view: study.editView, problems: [] });
  expect(link.read('v=1&k=99&repair=prayer', study.editView).problems).toHaveLength(2);
});

test('the first result is of one text, the last of twenty in which the correction decides', () => {
  const results = [...study.run(engine, { ...study.editView, seed: 11, k: 0 })];
  const [first, last] = [results[0]!, results.at(-1)!];
  expect(last.texts).toBe(study.editTexts);
  expect(results.length).toBeGreaterThanOrEqual(study.editTexts);
  const { rows } = last;
  expect([rows.stale.same, rows.full.same]).toEqual([0, last.texts]);
  expect([rows.stale.meanRecovery, rows.full.meanRecovery]).toEqual([0, 1]);
  // With no further words, chosen and chance are the word alone.
  expect([rows.chosen, rows.chance]).toEqual([rows.field, rows.field]);
  // The text that is shown stays the same while others are counted.
  for (const name of ['words', 'at', 'old', 'question', 'erratum'] as const) expect(last[name]).toEqual(first[name]);
  expect(rows.field.marks).toBe(first.rows.field.marks);
}, 30_000);

test('marks tell the edited word and what was computed; the page carries little', () => {
  const [found] = study.run(engine, study.editView);
  const { words, at, rows, question, erratum } = found!;
  const all = words.split(' ');
  for (const { marks } of Object.values(rows)) expect(marks).toHaveLength(all.length);
  expect(rows.field.marks.indexOf('x')).toBe(at);
  expect(rows.full.marks).toBe('0'.repeat(at) + 'x'.repeat(all.length - at));
  expect(rows.stale.marks).not.toContain('x');
  expect([question.split(' ').includes(all[at]!), erratum.split(' ').includes(all[at]!)]).toEqual([true, true]);
  expect(JSON.stringify(found).length).toBeLessThan(3_000);
});
