import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseLane } from '../../src/engine/lane-spec.ts';
import { agree, type Crosscheck } from '../../src/training/crosscheck.ts';
import { presses } from '../../src/training/presses.ts';
import { config } from '../engine/harbour.ts';

// Python is not needed here: what it found is stored, for the model page.
const stored = JSON.parse(
  readFileSync(new URL('../../public/data/crosscheck.json', import.meta.url), 'utf8'),
) as Crosscheck;

test.each(presses)('$spec is a lane', ({ spec }) => {
  expect(parseLane(spec).problems).toEqual([]);
});

describe('the stored result', () => {
  test('says what was compared, with what, and when', () => {
    expect(stored.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(stored.weights_sha256).toMatch(/^[0-9a-f]{64}$/);
    for (const name of ['torch', 'transformers', 'kvpress'] as const) expect(stored.versions[name]).toMatch(/^\d+\./);
  });

  test('is of 100 prompts, and of every lane that has a press', () => {
    expect([stored.logits.prompts, stored.greedy.prompts, stored.tokenizer.prompts]).toEqual([100, 100, 100]);
    expect(stored.presses.map(({ spec }) => spec)).toEqual(presses.map(({ spec }) => spec));
  });

  test('counts each set once', () => {
    const each = 100 * stored.keep.length * config.layers * config.kvHeads;
    for (const { sets, equal, ties, unequal } of stored.presses)
      expect([sets, equal + ties + unequal]).toEqual([each, each]);
  });

  test('holds no disagreement', () => {
    expect(agree(stored)).toBe(true);
  });
});

test('one unequal set is a disagreement, and so is a logit that is off', () => {
  const [first, ...rest] = stored.presses;
  expect(agree({ ...stored, presses: [{ ...first!, unequal: 1 }, ...rest] })).toBe(false);
  expect(agree({ ...stored, logits: { ...stored.logits, worst: 0.002 } })).toBe(false);
});
