import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bos, isFree, stop, Tokenizer, unknown } from '../../../src/engine/model/tokenizer.ts';
import { vocabulary } from '../../../src/engine/world/vocabulary.ts';

const strange = (count: number) => Array.from({ length: count }, (_, i) => `qx${i}`);

test('a known word is its place in the vocabulary', () => {
  expect(new Tokenizer().encode(vocabulary)).toEqual(vocabulary.map((_, id) => id));
  expect(new Tokenizer().decode(vocabulary.map((_, id) => id))).toEqual(vocabulary);
  expect([bos, unknown, stop].map((id) => vocabulary[id])).toEqual(['<bos>', '<unk>', '.']);
});

describe('words outside the vocabulary', () => {
  test('take the stand-ins in the order in which they come, and keep them', () => {
    const tokenizer = new Tokenizer();
    expect(tokenizer.encode(['the', 'zyx', 'and', 'abc', 'zyx'])).toEqual([
      vocabulary.indexOf('the'),
      3,
      vocabulary.indexOf('and'),
      4,
      3,
    ]);
    expect(tokenizer.encode(['abc', 'odd', 'zyx'])).toEqual([4, 5, 3]);
    expect(tokenizer.decode([3, 4, 5])).toEqual(['zyx', 'abc', 'odd']);
  });

  test('each document binds its own', () => {
    expect(new Tokenizer().encode(['abc'])).toEqual([3]);
    expect(new Tokenizer().decode([3])).toEqual(['<w0>']);
  });

  test('the 65th becomes <unk> and is named; the first 64 stay what they were', () => {
    const tokenizer = new Tokenizer();
    const words = strange(66);
    const ids = tokenizer.encode([...words, words[64]!, words[0]!]);
    expect(ids.slice(0, 64)).toEqual(Array.from({ length: 64 }, (_, i) => 3 + i));
    expect(ids.slice(64)).toEqual([unknown, unknown, unknown, 3]);
    expect([...tokenizer.overflow]).toEqual(['qx64', 'qx65']);
    expect(tokenizer.decode(ids.slice(63))).toEqual(['qx63', '<unk>', '<unk>', '<unk>', 'qx0']);
  });

  test('64 of them overflow nothing', () => {
    const tokenizer = new Tokenizer();
    expect(tokenizer.encode(strange(64)).every(isFree)).toBe(true);
    expect(tokenizer.overflow.size).toBe(0);
  });
});

test('exactly the stand-ins are free', () => {
  expect(vocabulary.filter((_, id) => isFree(id))).toEqual(vocabulary.slice(3, 67));
});

test('ids that name no word are decoded as unknown', () =>
  expect(new Tokenizer().decode([-1, 9999, 2])).toEqual(['<unk>', '<unk>', '<unk>']));

test('what was encoded is decoded, whatever the words are called', () => {
  const word = fc
    .oneof(
      fc.constantFrom(...vocabulary.slice(67)),
      fc.constantFrom('constructor', '__proto__', 'toString', ''),
      fc.string({ maxLength: 4 }),
    )
    .filter((text) => !/^<w\d+>$/.test(text));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      const tokenizer = new Tokenizer();
      expect(tokenizer.decode(tokenizer.encode(words))).toEqual(words);
    }),
  );
});
