import { describe, expect, test } from 'vitest';
import { defaultsOf } from '../../../src/state/fields.ts';
import * as study from '../../../src/state/studies/records.ts';
import type { Found, RecordsView } from '../../../src/state/studies/records.ts';
import { studyLink } from '../../../src/state/study.ts';
import { engineOf } from '../../engine/harbour.ts';

const engine = engineOf();
const view = defaultsOf<RecordsView>(study.fields);
const first = (change: Partial<RecordsView>): Found => {
  const going = study.run(engine, { ...view, ...change });
  const { value } = going.next();
  going.return(undefined);
  return value as Found;
};

describe('the search of one head', () => {
  test('records are told of by what their keys score; what is read is what the records score highest', () => {
    const { searched, hit, records } = first({});
    expect(records).toBe(study.length - study.exact);
    const scores = searched.map(({ truth }) => truth);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const read = searched.filter((one) => one.read);
    expect(read).toHaveLength(view.top);
    expect(searched.slice(0, view.top).filter((one) => one.read)).toHaveLength(hit);
    const least = Math.min(...read.map(({ recovered }) => recovered));
    for (const one of searched) if (!one.read) expect(one.recovered).toBeLessThanOrEqual(least);
  });

  // 12 bytes hold signs, 40 bytes 4 bits and 72 bytes 8.
  test('with more bits it misses less, and what is given back comes nearer', () => {
    const found = [12, 40, 72].map((bytes) => first({ bytes }));
    expect(found.map(({ bits }) => bits)).toEqual([1, 4, 8]);
    const off = ({ key }: Found) => key.truth.reduce((sum, x, c) => sum + Math.abs(x - key.recovered[c]!), 0);
    expect(found.map(off)).toEqual(found.map(off).sort((a, b) => b - a));
    expect(found[0]!.hit).toBeLessThan(found[2]!.hit);
    expect(found[2]!.attention).toBeGreaterThan(0.99);
  });

  // x^ = sign(x) * mean |x|
  test('the bits that are drawn are the signs, and give back what is drawn', () => {
    const { key } = first({});
    const mean = key.truth.reduce((sum, x) => sum + Math.abs(x), 0) / 32;
    expect(key.codes).toEqual(key.truth.map((x) => Number(x >= 0)));
    key.recovered.forEach((x, c) => expect(x).toBeCloseTo(key.codes[c] ? mean : -mean, 2));
  });
});

test('texts come one after the other, longer than any that the model was trained on; there only new positions answer', () => {
  const results = [...study.run(engine, view)];
  expect(results.map(({ beyond }) => beyond.map(({ length }) => length))).toEqual([
    [],
    [1024],
    [1024, 2048],
    [1024, 2048, 4096],
  ]);
  const rights = results.at(-1)!.beyond.map(({ answers }) => answers.map(({ right }) => right));
  expect(rights[0]).toEqual([true, true, true]);
  expect(rights[2]).toEqual([false, false, true]);
});

test('a link is read as it was written', () => {
  const link = studyLink(study);
  const other = { ...view, bytes: 40, head: 0 };
  expect(link.read(link.write(other), view)).toEqual({ view: other, problems: [] });
});
