import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seeded } from '../../../src/engine/random.ts';
import { filler } from '../../../src/engine/world/filler.ts';
import { vocabulary } from '../../../src/engine/world/vocabulary.ts';
import { asked, factsIn } from './texts.ts';

test('a sentence fits, and leaves either no room or room for another', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 3, max: 40 }), (seed, room) => {
      const words = filler(seeded(seed), room);
      expect(words.at(-1)).toBe('.');
      expect(room === words.length || room - words.length >= 3).toBe(true);
      expect(words.filter((word) => !vocabulary.includes(word))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('no sentence states a fact, asks, forbids or tells a number', () => {
  const random = seeded(3);
  const all = Array.from({ length: 3000 }, () => filler(random, 14));
  expect(new Set(all.map((words) => words.length)).size).toBeGreaterThan(6);
  for (const words of all) {
    expect(factsIn(words)).toEqual([]);
    expect(asked(words)).toBeUndefined();
    expect(words.filter((word) => /^(?:never|code|list|likes|loves|carried|[?:,]|\d+)$/.test(word))).toEqual([]);
  }
});

// 3,000 draws from about 60 sentences name nearly everyone: a name alone must never tell where a fact stands.
test('people, places and things of the facts appear in it too', () => {
  const random = seeded(4);
  const words = new Set(Array.from({ length: 3000 }, () => filler(random, 14)).flat());
  expect(['anna', 'mill', 'key', 'bread', 'golden'].filter((word) => !words.has(word))).toEqual([]);
});
