import fc from 'fast-check';
import { expect, test } from 'vitest';
import { passageOf } from '../../src/figures/passage.ts';

const prompt = (sentences: string, sentence: [number, number] | undefined) => {
  const words = ['<bos>', ...sentences.split(' ')];
  return { words: [...words, 'question', '?'], textLength: words.length, sentence };
};

// Positions: 1..3 | 4..6 | 7..9 | 10..12 | 13..15
const five = prompt('a b . c d . e f . g h . i j .', [7, 10]);

test.each([
  ['all of it where there is room', [], 15, undefined],
  ['the sentence that answers, whatever room there is', [], 1, [7, 8, 9]],
  ['then those that answers are owed to', [14], 6, [7, 8, 9, 13, 14, 15]],
  ['then what stands around them', [], 9, [4, 5, 6, 7, 8, 9, 10, 11, 12]],
  ['only whole sentences', [], 8, [4, 5, 6, 7, 8, 9]],
] as const)('%s', (_, causes, room, passage) => {
  expect(passageOf(five, causes, room)).toEqual(passage);
});

test('a text whose answer stands nowhere is shown from its end', () => {
  expect(passageOf(prompt('a b . c d . e f', undefined), [], 5)).toEqual([4, 5, 6, 7, 8]);
});

test('more room never shows less, and never more than there is room for beyond one sentence', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 15 }), (room, more) => {
      const less = passageOf(five, [2], room) ?? Array.from({ length: 15 }, (_, i) => i + 1);
      const grown = passageOf(five, [2], room + more) ?? Array.from({ length: 15 }, (_, i) => i + 1);
      expect(less.length).toBeLessThanOrEqual(Math.max(3, room));
      expect(less.filter((position) => !grown.includes(position))).toEqual([]);
    }),
  );
});
