import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changes, editedKinds, editText, othersLike } from '../../../src/engine/world/edits.ts';

const seeds = fc.nat(1_000_000);

test('words like another one that a text lacks', () => {
  const others = othersLike('anna', ['boris', 'walked', 'to', 'clara']);
  expect(others.slice(0, 3)).toEqual(['anna', 'david', 'elena']);
  expect(others).not.toContain('mill');
  expect(othersLike('walked', [])).toEqual([]);
});

test('an edit changes one word of a fact, and the question asks for what it decides', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(...editedKinds), fc.constantFrom(...changes), (seed, about, change) => {
      const { before, after, at, sentence, question } = editText(seed, about, change, 128);
      expect(before).toHaveLength(128);
      const differing = [...before.keys()].filter((i) => before[i] !== after[i]);
      expect(differing).toEqual([at]);
      expect(at >= sentence[0] && at < sentence[1]).toBe(true);
      expect(before).not.toContain(after[at]);
      // A name is asked for, under its new name; a value is what the answer says.
      expect(question.includes(after[at]!)).toBe(change === 'name');
      expect(question).not.toContain(change === 'name' ? before[at] : after[at]);
    }),
    { numRuns: 200 },
  );
});
