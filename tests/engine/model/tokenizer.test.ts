import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tokenizer, Vocabulary } from '../../../src/engine/model/tokenizer.ts';
import { vocabulary as words } from '../../../src/engine/world/vocabulary.ts';
import { config, file, vocabulary } from '../harbour.ts';

const strange = (count: number) => Array.from({ length: count }, (_, i) => `qx${i}`);
const tokenizer = () => new Tokenizer(vocabulary);

describe('a vocabulary', () => {
  test('of the shipped model: the words of its world, in their order', () => {
    expect(vocabulary.words).toEqual(words);
    expect(words.map((word) => vocabulary.id(word))).toEqual(words.map((_, id) => id));
    expect([config.bos, vocabulary.unknown, config.stop].map((id) => words[id])).toEqual(['<bos>', '<unk>', '.']);
    expect(vocabulary.id('zyx')).toBeUndefined();
  });

  test('exactly the stand-ins are free', () => {
    expect(vocabulary.free).toEqual(Array.from({ length: 64 }, (_, i) => i + 3));
    expect(words.filter((_, id) => vocabulary.isFree(id))).toEqual(words.slice(3, 67));
    expect([-1, 0, 2, 67, 9999].map((id) => vocabulary.isFree(id))).toEqual([false, false, false, false, false]);
  });

  describe('is read from a file', () => {
    const read = (vocab: unknown, more: object = {}) =>
      Vocabulary.read('x', { model: { type: 'WordLevel', vocab, unk_token: 'u', ...more } });

    test('whatever the order of its words, and whatever they are called', () => {
      expect(read({ b: 1, u: 0, constructor: 3, '<w7>': 2 })).toMatchObject({
        words: ['u', 'b', '<w7>', 'constructor'],
        unknown: 0,
        free: [2],
      });
      const { id } = JSON.parse('{"id": {"u": 0, "__proto__": 1}}') as { id: unknown };
      expect(read(id).id('__proto__')).toBe(1);
      expect(read({ u: 0 }).id('constructor')).toBeUndefined();
    });

    test('a word for unknown ones is <unk> unless the file says another', () => {
      expect(Vocabulary.read('x', { model: { type: 'WordLevel', vocab: { a: 0, '<unk>': 1 } } }).unknown).toBe(1);
      expect(read({ a: 0, '[UNK]': 1, '<unk>': 2 }, { unk_token: '[UNK]' }).unknown).toBe(1);
    });

    test.each([
      ['nothing', undefined, 'only WordLevel tokenizers are read, found undefined.'],
      ['null', null, 'only WordLevel tokenizers are read, found undefined.'],
      ['a text', 'x', 'only WordLevel tokenizers are read, found undefined.'],
      ['an empty model', { model: {} }, 'only WordLevel tokenizers are read, found undefined.'],
      [
        'merges of pairs',
        { model: { type: 'BPE', vocab: { a: 0 } } },
        'only WordLevel tokenizers are read, found "BPE".',
      ],
      ['no vocabulary', { model: { type: 'WordLevel', vocab: null } }, 'only WordLevel tokenizers are read, found "W'],
    ])('%s is refused', (_what, json, message) => {
      expect(() => Vocabulary.read('x', json)).toThrow(message);
      expect(() => Vocabulary.read('x', json)).toThrow(/^tokenizer\.json of x: /);
    });

    test.each([
      ['ids with a gap', { u: 0, a: 2 }, 'no word has the id 1'],
      ['ids that begin at 1', { u: 1, a: 2 }, 'no word has the id 0'],
      ['two words of one id', { u: 0, a: 1, b: 1 }, 'no word has the id 2'],
      ['an id that is no whole number', { u: 0, a: 0.5 }, 'no word has the id 1'],
      ['an id that is a text', { u: 0, a: '1' }, 'no word has the id 1'],
      ['an id of -1', { u: 0, a: -1 }, 'no word has the id 1'],
      ['an id far away', { u: 0, a: 4e9 }, 'no word has the id 1'],
      ['an id that names a part of a list', { u: 0, a: 'length' }, 'no word has the id 1'],
      ['no word for unknown ones', { a: 0 }, 'no token stands for unknown words'],
      ['no word at all', {}, 'no token stands for unknown words'],
    ])('%s: refused', (_what, vocab, problem) => {
      expect(() => read(vocab)).toThrow(`tokenizer.json of x: ${problem}.`);
    });

    test('the shipped one as it is, and not with a word missing', () => {
      const { model } = file.tokenizer as { model: { vocab: Record<string, number> } };
      const { the: gone, ...rest } = model.vocab;
      expect(() => Vocabulary.read('harbour', { model: { ...model, vocab: rest } })).toThrow(
        `no word has the id ${gone}`,
      );
    });
  });
});

test('a known word is its place in the vocabulary', () => {
  expect(tokenizer().encode(words)).toEqual(words.map((_, id) => id));
  expect(tokenizer().decode(words.map((_, id) => id))).toEqual(words);
});

describe('words outside the vocabulary', () => {
  test('take the stand-ins in the order in which they come, and keep them', () => {
    const one = tokenizer();
    expect(one.encode(['the', 'zyx', 'and', 'abc', 'zyx'])).toEqual([
      words.indexOf('the'),
      3,
      words.indexOf('and'),
      4,
      3,
    ]);
    expect(one.encode(['abc', 'odd', 'zyx'])).toEqual([4, 5, 3]);
    expect(one.decode([3, 4, 5])).toEqual(['zyx', 'abc', 'odd']);
  });

  test('each document binds its own', () => {
    expect(tokenizer().encode(['abc'])).toEqual([3]);
    expect(tokenizer().decode([3])).toEqual(['<w0>']);
  });

  test('the 65th becomes <unk> and is named; the first 64 stay what they were', () => {
    const one = tokenizer();
    const many = strange(66);
    const ids = one.encode([...many, many[64]!, many[0]!]);
    const { unknown } = vocabulary;
    expect(ids.slice(0, 64)).toEqual(Array.from({ length: 64 }, (_, i) => 3 + i));
    expect(ids.slice(64)).toEqual([unknown, unknown, unknown, 3]);
    expect([...one.overflow]).toEqual(['qx64', 'qx65']);
    expect(one.decode(ids.slice(63))).toEqual(['qx63', '<unk>', '<unk>', '<unk>', 'qx0']);
  });

  test('64 of them overflow nothing', () => {
    const one = tokenizer();
    expect(one.encode(strange(64)).every((id) => vocabulary.isFree(id))).toBe(true);
    expect(one.overflow.size).toBe(0);
  });

  // Stand-ins may be anywhere, and as many as there are: here ids 3 and 1, of which the lower is taken first.
  test('in a model with other stand-ins, or none, they take what there is', () => {
    const one = new Tokenizer(new Vocabulary(['a', '<w9>', '<unk>', '<w0>']));
    expect(one.encode(['x', 'a', 'y', 'z', 'x'])).toEqual([1, 0, 3, 2, 1]);
    expect([...one.overflow]).toEqual(['z']);
    const none = new Tokenizer(new Vocabulary(['a', '?'], '?'));
    expect([none.encode(['x', 'a']), ...none.overflow]).toEqual([[1, 0], 'x']);
  });
});

test('ids that name no word are decoded as unknown', () =>
  expect(tokenizer().decode([-1, 9999, 2])).toEqual(['<unk>', '<unk>', '<unk>']));

test('what was encoded is decoded, whatever the words are called', () => {
  const word = fc
    .oneof(
      fc.constantFrom(...words.slice(67)),
      fc.constantFrom('constructor', '__proto__', 'toString', ''),
      fc.string({ maxLength: 4 }),
    )
    .filter((text) => !/^<w\d+>$/.test(text));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (text) => {
      const one = tokenizer();
      expect(one.decode(one.encode(text))).toEqual(text);
    }),
  );
});
