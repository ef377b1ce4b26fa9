import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cuts, cutText } from '../../../src/engine/world/cuts.ts';

test('a cut parts a fact from its name, or a thing that was carried from where it was carried on', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.constantFrom(...cuts), (seed, cut) => {
      const { words, at, question } = cutText(seed, cut, 128);
      expect(at > 1 && at < words.length).toBe(true);
      expect(words[at - 1] === '.').toBe(cut === 'sentence');
      if (cut === 'fact') return;
      const thing = question[3]!;
      expect([words.indexOf(thing) < at, words.lastIndexOf(thing) >= at]).toEqual([true, true]);
    }),
    { numRuns: 100 },
  );
});
