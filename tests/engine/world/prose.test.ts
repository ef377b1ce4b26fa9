import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prose, proseText } from '../../../src/engine/world/prose.ts';
import { readTyped } from '../../../src/engine/world/typed.ts';
import { texts } from './texts.ts';

test.each([
  ['<bos> the code for the mill is 22 27 . anna likes tea .', 'The code for the mill is 22 27. Anna likes tea.'],
  ['where is the key ? the list of zoe says figs , ham .', 'Where is the key? The list of Zoe says figs, ham.'],
  ['visitor : it rained . keeper : thank you .', 'Visitor: It rained. Keeper: Thank you.'],
  // A colon that ends nobody's name starts no sentence.
  ['the list : figs , and i wait', 'The list: figs, and I wait'],
  ['', ''],
])('%s', (words, expected) => expect(proseText(words ? words.split(' ') : [])).toBe(expected));

test('further names have capitals too', () => {
  expect(proseText('the key of zebedee and the key of anna .'.split(' '), ['zebedee'])).toBe(
    'The key of Zebedee and the key of Anna.',
  );
});

test('every word is printed, one for one, and <bos> as nothing', () => {
  expect(prose(['<bos>', 'anna', 'sang', '.'])).toEqual([
    { text: '', space: false },
    { text: 'Anna', space: false },
    { text: 'sang', space: true },
    { text: '.', space: false },
  ]);
});

test('prose typed again is the same text', () => {
  fc.assert(
    fc.property(texts(), ({ text: { words } }) => {
      expect(readTyped(proseText(words), words.length)).toMatchObject({ words: words.slice(1), problems: [] });
    }),
    { numRuns: 100 },
  );
});
