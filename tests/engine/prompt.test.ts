import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freeCount, longestText, moments, seededPrompt, textPrompt, typedPrompt } from '../../src/engine/prompt.ts';
import { longestAnswer } from '../../src/engine/answer.ts';
import { maxPositions } from '../../src/engine/model/model.ts';
import { unknown } from '../../src/engine/model/tokenizer.ts';
import { vocabulary } from '../../src/engine/world/vocabulary.ts';
import { defaultKinds, writeText } from '../../src/engine/world/text.ts';

const written = (words: string) => words.split(' ');

describe('a generated prompt', () => {
  const text = writeText(7, { length: 128, kinds: defaultKinds });

  test('is the text and one of its questions', () => {
    const prompt = seededPrompt(7, { length: 128 }, 1, 'later');
    const question = text.questions[1]!;
    expect(prompt).toMatchObject({
      words: [...text.words, ...question.words],
      textLength: 128,
      question,
      questions: text.questions.length,
      expected: question.answer,
      problems: [],
    });
    expect(prompt.tokens).toEqual(prompt.words.map((word) => vocabulary.indexOf(word)));
    expect(seededPrompt(7, { length: 128 }, 1 + text.questions.length, 'later').question).toEqual(question);
  });

  // Asked later, the question is read with what was kept of the text. Seen in time, all but its last token is compressed too.
  test('is compressed before the question, or before its last token', () => {
    const size = text.questions[0]!.words.length;
    expect(seededPrompt(7, { length: 128 }, 0, 'later').compressedAt).toBe(128);
    expect(seededPrompt(7, { length: 128 }, 0, 'visible').compressedAt).toBe(128 + size - 1);
  });

  test('leaves at least one token to be read, and room for the answer, at any length', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 64, max: longestText }),
        fc.constantFrom(...moments),
        (seed, length, when) => {
          const { tokens, compressedAt } = seededPrompt(seed, { length }, seed % 7, when);
          expect(compressedAt).toBeLessThan(tokens.length);
          expect(tokens.length + longestAnswer).toBeLessThanOrEqual(maxPositions);
        },
      ),
      { numRuns: 100 },
    );
  });
});

test('a text alone has no question', () => {
  const { words, tokens, compressedAt, textLength } = textPrompt(['<bos>', 'it', 'rained', '.']);
  expect([words.length, tokens.length, compressedAt, textLength]).toEqual([4, 4, 4, 4]);
});

describe("a reader's own prompt", () => {
  test('is read word by word, and nobody knows its answer', () => {
    expect(typedPrompt('The code for the vault is 12 34.', 'What is the code for the vault', 'later')).toMatchObject({
      words: written('<bos> the code for the vault is 12 34 . what is the code for the vault ?'),
      textLength: 10,
      compressedAt: 10,
      questions: 1,
      expected: undefined,
      problems: [],
    });
    expect(typedPrompt('A b.', 'Where?', 'visible').compressedAt).toBe(5);
  });

  test('that is empty is replaced by an example, and that is said', () => {
    expect(typedPrompt('', '', 'later')).toMatchObject({
      words: written('<bos> the code for the mill is 22 27 . what is the code for the mill ?'),
      problems: [
        'There was no text, so an example stands in for it.',
        'There was no question, so an example is asked.',
      ],
    });
    expect(typedPrompt('It rained.', ' ? ', 'later').problems).toEqual([
      'There was no question, so an example is asked.',
    ]);
  });

  test('that is too long is cut so that it fits the model, and that is said', () => {
    const prompt = typedPrompt('rain '.repeat(2000), 'where is the '.repeat(40), 'later');
    expect([prompt.textLength, prompt.tokens.length]).toEqual([1024, 1064]);
    expect(prompt.tokens.length + longestAnswer).toBeLessThanOrEqual(maxPositions);
    expect(prompt.problems).toEqual([
      'The text has 2000 words and marks; only the first 1023 were read.',
      'The text has 120 words and marks; only the first 39 were read.',
    ]);
  });

  test('with more new names than the model has stand-ins for says which ones', () => {
    const names = Array.from({ length: 67 }, (_, i) => `name${i}`);
    const prompt = typedPrompt(names.join(' '), 'Where is name0?', 'later');
    expect(prompt.problems).toEqual([
      'The model has room for 64 words that it does not know; 3 more cannot be told apart: name64, name65, name66',
    ]);
    expect(prompt.tokens.filter((id) => id === unknown)).toHaveLength(3);
    expect(freeCount(prompt)).toBe(65);
    expect(freeCount(typedPrompt('It rained.', 'Where?', 'later'))).toBe(0);
  });

  test('of any characters makes a prompt that can be run', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.constantFrom(...moments),
        (text, question, when) => {
          const { words, tokens, compressedAt } = typedPrompt(text, question, when);
          expect([words[0], words.at(-1), tokens.length]).toEqual(['<bos>', '?', words.length]);
          expect(tokens.every((id) => Number.isInteger(id) && id >= 0 && id < vocabulary.length)).toBe(true);
          expect(compressedAt > 0 && compressedAt < tokens.length).toBe(true);
          expect(words.slice(1).filter((word) => word.startsWith('<'))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
