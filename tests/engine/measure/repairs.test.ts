import { describe, expect, test } from 'vitest';
import { repairsOf } from '../../../src/engine/measure/repairs.ts';
import { editText } from '../../../src/engine/world/edits.ts';
import { modelOf } from '../harbour.ts';

const { model } = modelOf('simd', 0);
const length = 96;

describe('repairs of a corrected text', () => {
  const edit = editText(5, 'code', 'name', length);

  test('cost what they compute, and only what comes behind the word is ever computed', () => {
    const { made, erratum } = repairsOf(model, edit, 3, 5);
    const tail = edit.after.length - edit.at;
    expect(erratum).toEqual(edit.after.slice(...edit.sentence));
    const costs = [0, 1, erratum.length, 1 + erratum.length, 4, 4, tail];
    expect(Object.values(made).map(({ cost }) => cost)).toEqual(costs);
    for (const { computed } of Object.values(made)) {
      expect(computed).toEqual([...computed].sort((a, b) => a - b));
      expect(computed.every((token) => token >= edit.at && token < edit.after.length)).toBe(true);
    }
    expect(made.chosen.computed).not.toEqual(made.chance.computed);
  });

  test('the stale cache recovers nothing, the full recompute all, and nothing of it is off', () => {
    const { made } = repairsOf(model, edit, 3, 5);
    expect([made.stale.recovery, made.full.recovery]).toEqual([0, 1]);
    expect([made.stale.same, made.full.same]).toEqual([false, true]);
    expect(Math.max(...made.full.off)).toBe(0);
    expect(Math.max(...made.stale.off.subarray(0, edit.at))).toBe(0);
    expect(made.stale.off[edit.at]).toBeGreaterThan(0.1);
  });

  test('no further word is the word alone, and all further words are the full recompute', () => {
    const none = repairsOf(model, edit, 0, 5).made;
    expect(none.chosen).toEqual(none.field);
    expect(none.chance).toEqual(none.field);
    const all = repairsOf(model, edit, length, 5).made;
    expect(all.chosen).toEqual(all.full);
    expect(all.chance).toEqual(all.full);
  });

  // What the figure says of this model, on texts that no figure opens with: names are noted in the words behind them, values are not.
  test.each([
    ['name', 0, 6],
    ['value', 6, 0],
  ] as const)('a corrected %s', (change, byTheWord, byTheRest) => {
    const found = [101, 102, 103, 104, 105, 106].map((seed) => {
      const { made } = repairsOf(model, editText(seed, 'place', change, length), 2, seed);
      return { field: made.field.same && !made.stale.same, more: made.chosen.same && !made.field.same };
    });
    const count = (name: 'field' | 'more') => found.filter((one) => one[name]).length;
    expect(Math.abs(count('field') - byTheWord)).toBeLessThanOrEqual(1);
    expect(Math.abs(count('more') - byTheRest)).toBeLessThanOrEqual(1);
  });
});
