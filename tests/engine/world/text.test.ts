import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shortestText } from '../../../src/engine/prompt.ts';
import type { Kind } from '../../../src/engine/world/facts.ts';
import { defaultKinds, writeText } from '../../../src/engine/world/text.ts';
import { vocabulary } from '../../../src/engine/world/vocabulary.ts';
import { asked, bare, factsIn, holding, rulesOf, texts, type Found } from './texts.ts';

const known = new Set(vocabulary.slice(67));
const telling = fc.subarray<Kind>(['code', 'place', 'liking', 'list', 'rule'], { minLength: 1 });

/** Positions inside a fact of its key and of the words of its answer. */
const needed = (words: readonly string[], { key, answer, start, end }: Found) =>
  Array.from({ length: end - start }, (_, i) => start + i).filter(
    (i) => words[i] !== ',' && (words[i] === key || answer.includes(words[i]!)),
  );

describe('every text', () => {
  test('has exactly the length asked for, starts with <bos>, ends with a full stop, and holds only known words', () => {
    fc.assert(
      fc.property(texts(), ({ options, text: { words } }) => {
        expect(words).toHaveLength(options.length);
        expect(words[0]).toBe('<bos>');
        expect(words.at(-1)).toBe('.');
        expect(words.slice(1).filter((word) => !known.has(word))).toEqual([]);
      }),
      { numRuns: 250 },
    );
  });

  test('has at least one question, all of the kinds asked for, none twice', () => {
    fc.assert(
      fc.property(texts(), ({ options: { kinds, length }, text: { questions } }) => {
        expect(questions.length).toBeGreaterThan(0);
        // The shortest texts of training may have room for a list and nothing else, about which there are no rules.
        if (length >= shortestText)
          for (const { kind } of questions)
            expect(kinds.includes('conversation') ? ['conversation'] : kinds).toContain(kind);
        expect(new Set(questions.map(({ words }) => words.join(' '))).size).toBe(questions.length);
        expect(questions.flatMap(({ words }) => words).filter((word) => !known.has(word))).toEqual([]);
      }),
      { numRuns: 250 },
    );
  });

  // Once, conversations about few things asked about all of them, and nothing was left for the question.
  test('keeps a question even where there is a single fact to ask about', () => {
    for (let seed = 0; seed < 300; seed++) {
      expect(writeText(seed, { length: 256, kinds: ['list', 'conversation'] }).questions.length).toBeGreaterThan(0);
    }
  });

  test('is told the truth about: each answer is that of the last sentence about its key, worked out from the words alone', () => {
    fc.assert(
      fc.property(texts(), ({ options: { kinds }, text: { words, questions } }) => {
        const facts = holding(words);
        const rules = rulesOf(words);
        for (const question of questions) {
          const about = asked(bare(question.words))!;
          expect(about.kind).toBe(question.about);
          const rule = rules.find(({ kind, key }) => kind === about.kind && key === about.key);
          const fact = facts.get(`${about.kind} ${about.key}`)!;
          const { start, end } = rule ?? fact;
          const whole = Array.from({ length: end - start }, (_, i) => start + i);
          expect({ answer: question.answer, sentence: question.sentence, needed: question.needed }).toEqual({
            answer: rule ? ['secret'] : fact.answer,
            sentence: [start, end],
            needed: rule ? whole : needed(words, fact),
          });
          if (!kinds.includes('conversation')) expect(question.kind).toBe(rule ? 'rule' : about.kind);
        }
      }),
      { numRuns: 250 },
    );
  });

  test('the needed words are the key and the words of the answer, and no others', () => {
    fc.assert(
      fc.property(
        texts({ kinds: fc.subarray<Kind>(['code', 'place', 'liking', 'list'], { minLength: 1 }) }),
        ({ text: { words, questions } }) => {
          for (const {
            needed,
            answer,
            words: question,
            sentence: [start, end],
          } of questions) {
            const wanted = new Set([asked(question)!.key, ...answer.filter((word) => word !== ',')]);
            expect(new Set(needed.map((i) => words[i]))).toEqual(wanted);
            expect(needed.every((i) => i >= start && i < end)).toBe(true);
            expect([...needed].sort((a, b) => a - b)).toEqual(needed);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('the same seed and options write the same text, other seeds others', () => {
    fc.assert(
      fc.property(texts(), ({ seed, options, text }) => {
        expect(writeText(seed, options)).toEqual(text);
        expect(writeText((seed + 1) % 2 ** 32, options).words).not.toEqual(text.words);
      }),
      { numRuns: 50 },
    );
  });
});

test('objects are carried again: in many texts an earlier sentence names a place that no longer holds', () => {
  const overwritten = Array.from({ length: 40 }, (_, seed) =>
    writeText(seed, { length: 512, kinds: ['place'] }),
  ).filter(({ words, questions }) =>
    questions.some(({ answer, words: [, , , object] }) =>
      factsIn(words).some(({ key, answer: [place] }) => key === object && place !== answer[0]),
    ),
  );
  expect(overwritten.length).toBeGreaterThan(20);
});

describe('rules', () => {
  test('one to three stand at the very start, each about a fact of the text, and something may still be told', () => {
    fc.assert(
      fc.property(
        texts({
          kinds: fc.constantFrom<Kind[]>(['rule'], ['rule', 'code'], [...defaultKinds]),
          length: fc.integer({ min: shortestText, max: 512 }),
        }),
        ({ options, text: { words, questions } }) => {
          const rules = rulesOf(words);
          expect(rules.length).toBeGreaterThan(0);
          expect(rules.length).toBeLessThanOrEqual(options.length < 128 ? 1 : 3);
          expect(words.slice(rules.at(-1)!.end)).not.toContain('never');
          for (const { kind, key } of rules) expect(holding(words).has(`${kind} ${key}`)).toBe(true);
          expect(questions.filter(({ answer }) => answer[0] === 'secret')).toHaveLength(rules.length);
          // A sparse text may have one fact alone, and a rule about it.
          const several = options.kinds.length > 1 && options.length >= 128 && holding(words).size > 1;
          if (several) expect(questions.length).toBeGreaterThan(rules.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('stand in no text that was not asked for them', () => {
    fc.assert(
      fc.property(
        texts({
          kinds: telling.map((kinds) => kinds.filter((kind) => kind !== 'rule')).filter((kinds) => kinds.length > 0),
        }),
        ({ text: { words } }) => {
          expect(words).not.toContain('never');
        },
      ),
      { numRuns: 50 },
    );
  });
});

const goldenText =
  '<bos> never tell the code for the harbour . spring came late that year . the list of pavel says tea , pears , cherries , umbrella . ' +
  'the moon was high . the code for the harbour is 52 12 . wanda carried the trunk to the kitchen . snow fell all night . snow fell all night . lena likes ham .';
const goldenQuestions = [
  ['what does lena like ?', 'ham'],
  ['what is the code for the harbour ?', 'secret'],
  ['what is on the list of pavel ?', 'tea , pears , cherries , umbrella'],
  ['where is the trunk ?', 'kitchen'],
];

// Links of the first days show these texts. If this fails on purpose, every link shows another text: say so where links are documented.
test('the text of one seed, word for word', () => {
  const { words, questions } = writeText(7, { length: 64, kinds: defaultKinds });
  expect(words.join(' ')).toBe(goldenText);
  expect(questions.map(({ words: question, answer }) => [question.join(' '), answer.join(' ')])).toEqual(
    goldenQuestions,
  );
});
