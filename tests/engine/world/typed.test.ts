import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readQuestion, readTyped } from '../../../src/engine/world/typed.ts';
import { specials, freeWords } from '../../../src/engine/world/vocabulary.ts';

const words = (text: string) => readTyped(text, 1000).words.join(' ');

describe('words and marks', () => {
  test.each([
    ['The code for the mill is 22 27.', 'the code for the mill is 22 27 .'],
    ['  Anna\tlikes\n\ntea  ', 'anna likes tea'],
    ['Wait! Stop; here… now', 'wait . stop , here . now'],
    ['bread — or cake – or jam', 'bread , or cake , or jam'],
    ["Anna's well-known key", "anna's well-known key"],
    ['keeper: Where? There, there.', 'keeper : where ? there , there .'],
    ['Café Zürich 東京', 'café zürich 東京'],
    // NFC: the same letter typed in one piece or two.
    ['cafe\u0301', 'caf\u00e9'],
    ['...', '. . .'],
    ['', ''],
    [' \n\t ', ''],
  ])('%j', (text, expected) => {
    expect(words(text)).toBe(expected);
    expect(readTyped(text, 1000).problems).toEqual([]);
  });

  test('a name that the model does not know keeps its capital, for print', () => {
    expect(readTyped('Anna and Zebedee saw the Mill. Zebedee sang in Ürümqi.', 99).capitals).toEqual([
      'zebedee',
      'ürümqi',
    ]);
    expect(readQuestion('Where is Zebedee?', 9).capitals).toEqual(['zebedee']);
  });

  test('what means nothing is left out, and each such character is named once', () => {
    expect(readTyped("half- 'quoted'", 99)).toMatchObject({
      words: ['half', 'quoted'],
      problems: ["These characters mean nothing to the model and were left out: - '"],
    });
    expect(readTyped('a (b) (c) <script>"x"</script> 🙂', 99)).toMatchObject({
      words: ['a', 'b', 'c', 'script', 'x', 'script'],
      problems: ['These characters mean nothing to the model and were left out: ( ) < > " / 🙂'],
    });
  });

  test("the model's own stand-ins cannot be typed", () => {
    const typed = readTyped([...specials, ...freeWords].join(' '), 999).words;
    expect(typed.filter((word) => /[<>]/.test(word))).toEqual([]);
    expect(typed.slice(0, 5)).toEqual(['pad', 'bos', 'unk', 'w0', 'w1']);
  });

  test('too long a text is cut, and says by how much', () => {
    expect(readTyped('one two three. four', 4)).toMatchObject({
      words: ['one', 'two', 'three', '.'],
      problems: ['The text has 5 words and marks; only the first 4 were read.'],
    });
    expect(readTyped('one two three. four', 5).problems).toEqual([]);
  });

  test('any text at all gives clean words, never too many, and the same when it is read again', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ unit: 'grapheme', maxLength: 200 })),
        fc.integer({ min: 1, max: 20 }),
        (text, most) => {
          const typed = readTyped(text, most);
          expect(typed.words.length).toBeLessThanOrEqual(most);
          for (const word of typed.words)
            expect(word).toMatch(/^(?:[.,?:]|[\p{L}\p{N}](?:[\p{L}\p{N}'’-]*[\p{L}\p{N}])?)$/u);
          expect(readTyped(typed.words.join(' '), most)).toMatchObject({ words: typed.words, problems: [] });
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  // A careless pattern would need quadratic time, and run into the limit of every test.
  test('a long hostile text is read at once', () => {
    for (const text of ["a'".repeat(1e5), `a${'-'.repeat(2e5)}`, 'a-'.repeat(1e5), '<'.repeat(2e5)])
      readTyped(text, 10);
  });
});

describe('a question', () => {
  test.each([
    ['What is the code for the mill?', 'what is the code for the mill ?'],
    ['What is the code for the mill', 'what is the code for the mill ?'],
    ['Where? Is the key?', 'where is the key ?'],
    ['', ''],
    ['?', ''],
  ])('%j', (text, expected) => expect(readQuestion(text, 40).words.join(' ')).toBe(expected));

  test('counts its question mark', () => {
    expect(readQuestion('a b c d', 4)).toMatchObject({
      words: ['a', 'b', 'c', '?'],
      problems: ['The text has 4 words and marks; only the first 3 were read.'],
    });
  });
});
