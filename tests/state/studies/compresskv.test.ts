import { describe, expect, test } from 'vitest';
import { defaultsOf } from '../../../src/state/fields.ts';
import * as study from '../../../src/state/studies/compresskv.ts';
import { engineOf } from '../../engine/harbour.ts';

const engine = engineOf();
const found = (change: Partial<study.ChoosersView>) => [
  ...study.run(engine, { ...defaultsOf<study.ChoosersView>(study.fields), texts: 1, ...change }),
];

describe('two heads choose, asked later', () => {
  const [{ text, chosen, span, n, rates }] = found({ moment: 'later' }) as [study.Choosers];

  test('the digits of the words add up to the entries of the layers', () => {
    for (const lane of chosen.flat()) {
      expect(lane.layers).toHaveLength(text.textLength);
      const held = [...lane.layers].reduce((sum, digit) => sum + Number(digit), 0);
      expect(held).toBe(lane.entries.reduce((a, b) => a + b, 0));
    }
  });

  test('layers get the same, unless their error says; it never gives more in all', () => {
    chosen.forEach(([all, two, byError], b) => {
      const entries = Math.floor(study.budgets[b]! * text.textLength);
      expect(all!.entries).toEqual([entries, entries, entries, entries]);
      expect(two!.entries).toEqual(all!.entries);
      expect(new Set(byError!.entries).size).toBeGreaterThan(1);
      expect(byError!.entries.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(4 * study.budgets[b]! * text.textLength);
    });
  });

  test('the heads of the upper layers look at the sentence that answers, and those below do not', () => {
    expect(span.map((row) => row.filter((share) => share > 0.5).length)).toEqual([0, 0, 8, 8]);
  });

  test('every text is counted', () => {
    expect([n, rates.length, rates[0]!.length]).toEqual([1, study.budgets.length, 3]);
  });
});

test('when all eight are set to choose, the first two lanes are one', () => {
  const [{ chosen, rates }] = found({ heads: 8 }) as [study.Choosers];
  for (const [all, some] of chosen) expect(some).toEqual(all);
  for (const [all, some] of rates) expect(some).toEqual(all);
});
