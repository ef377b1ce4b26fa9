import { integer, pick, shuffle, type Random } from '../random.ts';
import { foods, numbers, objects, people, places } from './vocabulary.ts';

export const kinds = ['code', 'place', 'liking', 'list', 'rule', 'conversation'] as const;
/** What a question is about. `conversation` also means a text written as turns of a visitor and a keeper. */
export type Kind = (typeof kinds)[number];
export type FactKind = Exclude<Kind, 'rule' | 'conversation'>;

/** One sentence of the text that states something which can be asked about. */
export interface Fact {
  readonly kind: FactKind;
  /** The word that a question names: a place, an object, a person. */
  readonly key: string;
  readonly sentence: readonly string[];
  readonly answer: readonly string[];
}

const numbered = (random: Random, length = 2) => Array.from({ length }, () => pick(random, numbers));

const commaed = (items: readonly string[]) => items.flatMap((item, i) => (i ? [',', item] : [item]));

export const codeFact = (place: string, code: readonly string[]): Fact => ({
  kind: 'code',
  key: place,
  sentence: ['the', 'code', 'for', 'the', place, 'is', ...code, '.'],
  answer: code,
});

export const carryFact = (person: string, verb: string, object: string, place: string): Fact => ({
  kind: 'place',
  key: object,
  sentence: [person, verb, 'the', object, 'to', 'the', place, '.'],
  answer: [place],
});

export const likeFact = (person: string, verb: string, food: string): Fact => ({
  kind: 'liking',
  key: person,
  sentence: [person, verb, food, '.'],
  answer: [food],
});

export const listFact = (person: string, items: readonly string[]): Fact => ({
  kind: 'list',
  key: person,
  sentence: ['the', 'list', 'of', person, 'says', ...commaed(items), '.'],
  answer: commaed(items),
});

/** How many facts of each kind a text of `room` tokens gets at density 1; they fill somewhat more than half of it. */
const share: Readonly<Record<FactKind, number>> = { code: 1 / 46, place: 1 / 56, liking: 1 / 46, list: 1 / 200 };

/** Facts of one kind in the order in which the text states them. An object may be carried again: the later sentence overwrites. */
export const makers: Readonly<Record<FactKind, (random: Random, count: number, loose: boolean) => Fact[]>> = {
  code: (random, count, loose) =>
    shuffle(random, places)
      .slice(0, count)
      .map((place) => codeFact(place, numbered(random, loose ? pick(random, [1, 2, 3]) : 2))),
  place: (random, count) =>
    shuffle(random, objects)
      .slice(0, count)
      .flatMap((object) =>
        shuffle(random, places)
          .slice(0, pick(random, [1, 1, 1, 2, 2]))
          .map((place) =>
            carryFact(pick(random, people), pick(random, ['carried', 'carried', 'brought', 'took']), object, place),
          ),
      ),
  liking: (random, count) =>
    shuffle(random, people)
      .slice(0, count)
      .map((person) => likeFact(person, pick(random, ['likes', 'likes', 'loves']), pick(random, foods))),
  list: (random, count) =>
    shuffle(random, people)
      .slice(0, count)
      .map((person) => listFact(person, shuffle(random, [...foods, ...objects]).slice(0, integer(random, 3, 5)))),
};

export const factCount = (kind: FactKind, room: number, density: number) =>
  Math.max(1, Math.round(share[kind] * room * density));

/** A mixed order in which facts about the same key keep their own order, so that overwriting stays overwriting. */
export function interleave(random: Random, facts: readonly Fact[]): Fact[] {
  const queues = new Map<string, Fact[]>();
  for (const fact of facts) {
    const queue = `${fact.kind} ${fact.key}`;
    queues.set(queue, [...(queues.get(queue) ?? []), fact]);
  }
  return shuffle(random, facts).map((fact) => queues.get(`${fact.kind} ${fact.key}`)!.shift()!);
}
