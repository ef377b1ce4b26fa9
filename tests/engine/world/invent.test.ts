import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Tokenizer, Vocabulary } from '../../../src/engine/model/tokenizer.ts';
import { defaultKinds, writeText } from '../../../src/engine/world/text.ts';
import { exchangeable, vocabulary } from '../../../src/engine/world/vocabulary.ts';
import { texts } from './texts.ts';

const { people, places, objects, foods } = exchangeable;
const names = new Set([...people, ...places, ...objects, ...foods]);
const numbers = new Set(exchangeable.numbers);

/** The same text with and without free words. */
const pairs = texts().chain(({ seed, options, text }) =>
  fc
    .double({ min: 0.05, max: 1, noNaN: true })
    .map((free) => ({ text, renamed: writeText(seed, { ...options, free }) })),
);

test('a name is replaced everywhere by one word outside the vocabulary, another name by another', () => {
  fc.assert(
    fc.property(pairs, ({ text, renamed }) => {
      const words = [...text.words, ...text.questions.flatMap((question) => [...question.words, ...question.answer])];
      const replaced = [
        ...renamed.words,
        ...renamed.questions.flatMap((question) => [...question.words, ...question.answer]),
      ];
      expect(replaced).toHaveLength(words.length);
      const table = new Map<string, string>();
      words.forEach((word, i) => {
        expect(table.get(word) ?? replaced[i]).toBe(replaced[i]);
        table.set(word, replaced[i]!);
      });
      const changed = [...table].filter(([from, to]) => from !== to);
      expect(new Set(changed.map(([, to]) => to)).size).toBe(changed.length);
      for (const [from, to] of changed) {
        expect(vocabulary).not.toContain(to);
        expect(to).toMatch(numbers.has(from) ? /^[1-9]\d{2,3}$/ : /^(?:[bdfgklmnprstvz][aeiou]){2,3}$/);
        expect(names.has(from) || numbers.has(from)).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

test('what is known of the questions stays: their kinds, their needed words, their sentences', () => {
  fc.assert(
    fc.property(pairs, ({ text, renamed }) => {
      const rest = ({ questions }: typeof text) =>
        questions.map(({ kind, about, needed, sentence }) => ({ kind, about, needed, sentence }));
      expect(rest(renamed)).toEqual(rest(text));
    }),
    { numRuns: 50 },
  );
});

test('a share of 1 replaces all names of a short text, and of a long one no more than the model has stand-ins for', () => {
  const short = writeText(3, { length: 128, kinds: defaultKinds, free: 1 });
  expect(short.words.filter((word) => names.has(word) || numbers.has(word))).toEqual([]);
  const long = writeText(3, { length: 1024, kinds: defaultKinds, free: 1 });
  expect(new Set(long.words.filter((word) => !vocabulary.includes(word))).size).toBe(56);
  const tokenizer = new Tokenizer(new Vocabulary(vocabulary));
  tokenizer.encode(long.words);
  expect([...tokenizer.overflow]).toEqual([]);
});

test('half of the names is about half of the names', () => {
  const shares = Array.from({ length: 20 }, (_, seed) => {
    const known = new Set(
      writeText(seed, { length: 256, kinds: defaultKinds }).words.filter(
        (word) => names.has(word) || numbers.has(word),
      ),
    );
    const left = new Set(
      writeText(seed, { length: 256, kinds: defaultKinds, free: 0.5 }).words.filter(
        (word) => names.has(word) || numbers.has(word),
      ),
    );
    return left.size / known.size;
  });
  expect(shares.reduce((a, b) => a + b, 0) / 20).toBeCloseTo(0.5, 1);
});
