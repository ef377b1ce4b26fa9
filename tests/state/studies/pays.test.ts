import { describe, expect, test } from 'vitest';
import { defaultsOf } from '../../../src/state/fields.ts';
import * as study from '../../../src/state/studies/pays.ts';
import { costOf, lanes, lengths, type PaysView } from '../../../src/state/studies/pays.ts';
import { engineOf } from '../../engine/harbour.ts';

/** Bytes of a token: 16 heads, a key and a value of 32 numbers, 2 bytes each. */
const token = 16 * 2 * 32 * 2;

// 100 are read near; 10 are carried, each counted as 4.
test('a word costs what is read near, and what is carried at its price', () => {
  expect(costOf({ resident: 100, carried: 10 }, 4)).toBe(140);
});

describe('one text at every length', () => {
  const view = { ...defaultsOf<PaysView>(study.fields), texts: 1, pool: 128 };
  const results = [...study.run(engineOf(), view)];
  const rows = results.at(-1)!;

  test('comes one length after the other, and the full cache grows with it', () => {
    expect(results.map(({ length }) => length)).toEqual(lengths.map((_, i) => i + 1));
    rows.forEach(({ full }, i) => {
      expect(full).toBeGreaterThan(lengths[i]! * token);
      expect(full).toBeLessThan((lengths[i]! + 32) * token);
    });
    for (const row of rows) expect(row.lanes.map(({ lane }) => lane)).toEqual([...lanes]);
  });

  test('where the text fits into the pool nothing is carried by those that fill it', () => {
    for (const { full, lanes: paid } of rows.filter(({ length }) => length <= view.pool)) {
      expect(paid[0]).toMatchObject({ lane: 'kvflash', carried: 0, resident: full });
      expect(paid[2]).toMatchObject({ lane: 'records(top=8)', carried: 0, host: 0, resident: full });
    }
  });

  // What comes behind the text, question and answer, lies near in every lane: less than 32 tokens.
  test('near is no more than the pool, whatever the length; the rest is with the host', () => {
    for (const { length, lanes: paid } of rows.filter((row) => row.length > view.pool)) {
      for (const { lane, resident, host, carried } of paid) {
        expect(resident, `${lane} at ${length}`).toBeLessThanOrEqual((view.pool + 32) * token);
        if (lane === 'snapkv') expect([host, carried]).toEqual([0, 0]);
        if (lane === 'kvflash') {
          expect(carried).toBeGreaterThan(0);
          expect(host).toBeGreaterThanOrEqual((length - view.pool) * token);
        }
      }
    }
  });
});
