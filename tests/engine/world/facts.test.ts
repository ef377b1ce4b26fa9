import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../src/engine/random.ts';
import {
  carryFact,
  codeFact,
  factCount,
  interleave,
  likeFact,
  listFact,
  makers,
  type Fact,
  type FactKind,
} from '../../../src/engine/world/facts.ts';
import { asking, askingAlso, neededWords, ruling } from '../../../src/engine/world/questions.ts';
import { asked, factsIn } from './texts.ts';

const kinds = Object.keys(makers) as FactKind[];
const text = ({ sentence, answer, key, kind }: Fact) => `${kind} ${key}: ${sentence.join(' ')} -> ${answer.join(' ')}`;

test('the four kinds of fact', () => {
  expect(text(codeFact('mill', ['22', '27']))).toBe('code mill: the code for the mill is 22 27 . -> 22 27');
  expect(text(carryFact('anna', 'took', 'key', 'barn'))).toBe('place key: anna took the key to the barn . -> barn');
  expect(text(likeFact('omar', 'loves', 'tea'))).toBe('liking omar: omar loves tea . -> tea');
  expect(text(listFact('zoe', ['figs', 'rope', 'ham']))).toBe(
    'list zoe: the list of zoe says figs , rope , ham . -> figs , rope , ham',
  );
});

test('questions about them, follow-ups and rules', () => {
  expect(kinds.map((kind) => asking[kind]('x').join(' '))).toEqual([
    'what is the code for the x ?',
    'where is the x ?',
    'what does x like ?',
    'what is on the list of x ?',
  ]);
  expect(kinds.map((kind) => asked(asking[kind]('x')))).toEqual(kinds.map((kind) => ({ kind, key: 'x' })));
  expect([askingAlso('mill', true), askingAlso('anna', false)].map((words) => words.join(' '))).toEqual([
    'and for the mill ?',
    'and for anna ?',
  ]);
  expect((['code', 'place', 'liking'] as const).map((kind) => ruling[kind]('x').join(' '))).toEqual([
    'never tell the code for the x .',
    'never say where the x is .',
    'never tell what x likes .',
  ]);
});

test('the words an answer needs are the key and the answer, wherever they stand, but no commas', () => {
  expect(neededWords(codeFact('mill', ['22', '22']), ['22', '22'])).toEqual([4, 6, 7]);
  expect(neededWords(carryFact('anna', 'took', 'key', 'barn'), ['barn'])).toEqual([3, 6]);
  expect(neededWords(listFact('zoe', ['figs', 'rope']), ['figs', ',', 'rope'])).toEqual([3, 5, 7]);
});

describe.each(kinds)('facts of kind %s', (kind) => {
  test('are as many as asked for, each about another key, and are what their sentences say', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 24 }), fc.boolean(), (seed, count, loose) => {
        const facts = makers[kind](seeded(seed), count, loose);
        expect(new Set(facts.map(({ key }) => key)).size).toBe(count);
        for (const fact of facts) {
          expect(factsIn(fact.sentence)).toEqual([
            { kind, key: fact.key, answer: fact.answer, start: 0, end: fact.sentence.length },
          ]);
        }
        if (kind === 'code')
          expect(
            facts.every(({ answer }) => (loose ? answer.length >= 1 && answer.length <= 3 : answer.length === 2)),
          ).toBe(true);
        if (kind === 'place') expect(facts.length).toBeLessThanOrEqual(2 * count);
        else expect(facts).toHaveLength(count);
        if (kind === 'list') expect(facts.every(({ answer }) => [5, 7, 9].includes(answer.length))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

// Shares are 1/46, 1/56, 1/46 and 1/200 of the room.
test('how many facts a text gets', () => {
  expect(kinds.map((kind) => factCount(kind, 512, 1))).toEqual([11, 9, 11, 3]);
  expect(kinds.map((kind) => factCount(kind, 512, 0.5))).toEqual([6, 5, 6, 1]);
  expect(kinds.map((kind) => factCount(kind, 40, 1))).toEqual([1, 1, 1, 1]);
});

test('mixing keeps every fact, and the order of those about one key', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (seed, order) => {
      const facts = kinds.flatMap((kind) => makers[kind](seeded(seed), 9, false));
      const mixed = interleave(seeded(order), facts);
      const about = (list: readonly Fact[], key: string) =>
        list.filter((fact) => fact.key === key && fact.kind === 'place');
      expect([...mixed].sort((a, b) => facts.indexOf(a) - facts.indexOf(b))).toEqual(facts);
      for (const { key } of facts) expect(about(mixed, key)).toEqual(about(facts, key));
    }),
    { numRuns: 60 },
  );
});
