import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  freeCount,
  longestText,
  moments,
  readings,
  seededPrompt,
  shortestText,
  textPrompt,
  trainedText,
  typedPrompt,
} from '../../src/engine/prompt.ts';
import { defaultKinds, writeText } from '../../src/engine/world/text.ts';
import { vocabulary as words } from '../../src/engine/world/vocabulary.ts';
import { vocabulary } from './harbour.ts';

const written = (text: string) => text.split(' ');

describe('a generated prompt', () => {
  const text = writeText(7, { length: 128, kinds: defaultKinds });
  const prompted = (index: number, when: (typeof moments)[number] = 'later', turns = 1) =>
    seededPrompt(vocabulary, 7, { length: 128, turns }, index, when);

  test('is the text and one of its questions', () => {
    const prompt = prompted(1);
    const question = text.questions[1]!;
    expect(prompt).toMatchObject({
      words: [...text.words, ...question.words],
      textLength: 128,
      turns: [{ question, expected: question.answer }],
      questions: text.questions.length,
      problems: [],
      splicedAt: undefined,
      earlier: undefined,
    });
    expect(prompt.tokens).toEqual(prompt.words.map((word) => words.indexOf(word)));
    expect(prompted(1 + text.questions.length).turns[0]!.question).toEqual(question);
  });

  // Asked later, the question is read with what was kept of the text. Seen in time, all but its last token is compressed too.
  test('is compressed before the question, or before its last token', () => {
    const size = text.questions[0]!.words.length;
    const [later, visible] = [prompted(0, 'later'), prompted(0, 'visible')];
    expect([later.compressedAt, visible.compressedAt]).toEqual([128, 128 + size - 1]);
    expect(later.turns[0]!.tokens).toEqual(later.tokens.slice(128));
    expect(visible.turns[0]!.tokens).toEqual([words.indexOf(text.questions[0]!.words.at(-1)!)]);
  });

  test.each(moments)('may ask several questions, the next ones of the text; the first one is %s', (when) => {
    const count = text.questions.length;
    const prompt = prompted(count - 1, when, 3);
    const asked = [text.questions[count - 1]!, text.questions[0]!, text.questions[1]!];
    expect(prompt.turns.map(({ question, expected }) => ({ question, expected }))).toEqual(
      asked.map((question) => ({ question, expected: question.answer })),
    );
    // Only the first question is part of the prompt; the others come when an answer is complete, and are read whole.
    const one = prompted(count - 1, when);
    expect({ ...prompt, turns: [], tokenizer: 0 }).toEqual({ ...one, turns: [], tokenizer: 0 });
    expect(prompt.turns[0]).toEqual(one.turns[0]);
    for (const turn of prompt.turns.slice(1)) expect(prompt.tokenizer.decode(turn.tokens)).toEqual(turn.question.words);
    // No question is asked twice.
    expect(prompted(0, when, 99).turns).toHaveLength(count);
  });

  test('may be read as a whole, behind an earlier request with the same text, or in two parts', () => {
    const read = (reading: (typeof readings)[number]) =>
      seededPrompt(vocabulary, 7, { length: 128, reading }, 0, 'visible');
    const [whole, spliced, warm] = readings.map(read);
    expect([whole!.earlier, whole!.splicedAt, spliced!.earlier, warm!.splicedAt]).toEqual(Array(4).fill(undefined));
    expect(warm!.earlier).toEqual(warm!.tokens.slice(0, 128));
    expect([spliced!.words[spliced!.splicedAt! - 1], spliced!.splicedAt! < 128]).toEqual(['.', true]);
    for (const each of [spliced!, warm!]) {
      expect([each.tokens, each.compressedAt, each.turns]).toEqual([whole!.tokens, whole!.compressedAt, whole!.turns]);
    }
  });

  test('leaves at least one token to be read for each question, at any length', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.oneof(
          { weight: 9, arbitrary: fc.integer({ min: shortestText, max: trainedText }) },
          { weight: 1, arbitrary: fc.integer({ min: trainedText, max: longestText }) },
        ),
        fc.constantFrom(...moments),
        fc.constantFrom(...readings),
        (seed, length, when, reading) => {
          const options = { length, turns: 3, reading };
          const prompt = seededPrompt(vocabulary, seed, options, seed % 7, when);
          const { tokens, compressedAt, turns, textLength, splicedAt } = prompt;
          expect(compressedAt).toBeLessThan(tokens.length);
          expect([textLength, tokens.slice(0, compressedAt).concat(turns[0]!.tokens)]).toEqual([length, tokens]);
          expect(turns.every((turn) => turn.tokens.length > 0)).toBe(true);
          if (reading === 'spliced') expect(splicedAt! > 1 && splicedAt! < textLength).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});

test('a text alone has no question', () => {
  const { words, tokens, compressedAt, textLength, turns } = textPrompt(vocabulary, ['<bos>', 'it', 'rained', '.']);
  expect([words.length, tokens.length, compressedAt, textLength, turns]).toEqual([4, 4, 4, 4, []]);
});

describe("a reader's own prompt", () => {
  const typed = typedPrompt.bind(null, vocabulary);

  test('is read word by word, and nobody knows its answer', () => {
    const prompt = typed('The code for the vault is 12 34.', 'What is the code for the vault', 'later');
    expect(prompt).toMatchObject({
      words: written('<bos> the code for the vault is 12 34 . what is the code for the vault ?'),
      textLength: 10,
      compressedAt: 10,
      questions: 1,
      problems: [],
    });
    expect(prompt.turns.map(({ question, expected }) => ({ question, expected }))).toEqual([
      { question: { words: written('what is the code for the vault ?') }, expected: undefined },
    ]);
    expect(typed('A b.', 'Where?', 'visible').compressedAt).toBe(5);
  });

  test('that is empty is replaced by an example, and that is said', () => {
    expect(typed('', '', 'later')).toMatchObject({
      words: written('<bos> the code for the mill is 22 27 . what is the code for the mill ?'),
      problems: [
        'There was no text, so an example stands in for it.',
        'There was no question, so an example is asked.',
      ],
    });
    expect(typed('It rained.', ' ? ', 'later').problems).toEqual(['There was no question, so an example is asked.']);
  });

  // Memory grows with what is asked of it; the limit is what a page can compute in a few seconds.
  test('that asks as the model was never asked says so, and what it was asked', () => {
    const problems = (ask: string) => typed('Zofia likes pancakes.', ask, 'later').problems;
    expect(problems('Who likes pancakes?')).toEqual([
      expect.stringMatching(/^The model never saw a question of this form, .* What does \.\.\. like\?/),
    ]);
    for (const ask of ['What does Zofia like', 'Where is the astrolabe?', 'What is on the list of Zofia?'])
      expect(problems(ask)).toEqual([]);
  });

  test('that is too long is cut, and that is said', () => {
    const prompt = typed('rain '.repeat(5000), 'where is the '.repeat(40), 'later');
    expect([prompt.textLength, prompt.tokens.length]).toEqual([longestText, longestText + 40]);
    expect(longestText).toBe(4096);
    expect(prompt.problems).toEqual([
      'The text has 5000 words and marks; only the first 4095 were read.',
      'The text has 120 words and marks; only the first 39 were read.',
      expect.stringMatching(/^The model never saw a question of this form/),
    ]);
  });

  test('with more new names than the model has stand-ins for says which ones', () => {
    const names = Array.from({ length: 67 }, (_, i) => `name${i}`);
    const prompt = typed(names.join(' '), 'What does name0 like?', 'later');
    expect(prompt.problems).toEqual([
      'The model has room for 64 words that it does not know; 3 more cannot be told apart: name64, name65, name66',
    ]);
    expect(prompt.tokens.filter((id) => id === vocabulary.unknown)).toHaveLength(3);
    expect(freeCount(prompt)).toBe(65);
    expect(freeCount(typed('It rained.', 'Where?', 'later'))).toBe(0);
  });

  test('of any characters makes a prompt that can be run', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.constantFrom(...moments),
        fc.constantFrom(...readings),
        (text, question, when, reading) => {
          const { words, tokens, compressedAt, turns, splicedAt } = typed(text, question, when, reading);
          expect([words[0], words.at(-1), tokens.length]).toEqual(['<bos>', '?', words.length]);
          expect(tokens.every((id) => Number.isInteger(id) && id >= 0 && id < vocabulary.words.length)).toBe(true);
          expect(compressedAt > 0 && compressedAt < tokens.length).toBe(true);
          expect(turns.map((turn) => turn.tokens)).toEqual([tokens.slice(compressedAt)]);
          expect(splicedAt === undefined || (splicedAt > 1 && splicedAt < compressedAt)).toBe(true);
          expect(words.slice(1).filter((word) => word.startsWith('<'))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
