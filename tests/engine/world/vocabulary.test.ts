import { expect, test } from 'vitest';
import { config, vocabulary as shipped } from '../harbour.ts';
import { colours, exchangeable, freeWords, specials, vocabulary } from '../../../src/engine/world/vocabulary.ts';

test('300 to 600 words, 64 stand-ins and three specials, none twice, as many as the model knows', () => {
  expect(freeWords).toHaveLength(64);
  expect(vocabulary.slice(0, 67)).toEqual([...specials, ...freeWords]);
  expect(vocabulary.length - 67).toBeGreaterThanOrEqual(300);
  expect(vocabulary.length - 67).toBeLessThanOrEqual(600);
  expect(new Set(vocabulary).size).toBe(vocabulary.length);
  expect(vocabulary).toHaveLength(config.vocabulary);
});

test('the shipped model has these words, in this order', () => {
  expect(shipped.words).toEqual(vocabulary);
  expect(shipped.free.map((id) => shipped.words[id])).toEqual(freeWords);
});

test('a word is lower-case letters, digits or one mark, so that a reader can type it', () => {
  for (const word of vocabulary.slice(67)) expect(word).toMatch(/^(?:[a-z]+|[0-9]+|[.,?:])$/);
});

// Training permutes the members of a class by adding to their ids, so a class must lie in one piece, and no word in two of them.
test.for(Object.entries(exchangeable))('the %s stand in one piece', ([, words]) => {
  const first = vocabulary.indexOf(words[0]!);
  expect(vocabulary.slice(first, first + words.length)).toEqual(words);
});

test('no word is in two classes', () => {
  const words = [...Object.values(exchangeable).flat(), ...colours];
  expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([]);
});
