import { integer, pick, seeded, shuffle, type Random } from '../random.ts';
import { factCount, interleave, kinds as allKinds, makers, type Fact, type FactKind, type Kind } from './facts.ts';
import { filler } from './filler.ts';
import { rename } from './invent.ts';
import { asking, askingAlso, neededWords, ruling, secret, type Question } from './questions.ts';

export interface TextOptions {
  /** Tokens, the leading <bos> included: the text has exactly this many. At least 32; 40 where lists are the only facts. */
  readonly length: number;
  readonly kinds: readonly Kind[];
  /** Facts relative to the usual number. */
  readonly density?: number;
  /** Share of the names and numbers that become words outside the vocabulary. */
  readonly free?: number;
  /** Codes of one to three numbers instead of two, as readers may type them. */
  readonly loose?: boolean;
}

/** How many facts stand among how much filler: densities. With few, their answers are 4 % of a text instead of 10 %, and a small cache has no room for all. */
export const amounts = { many: 1, few: 0.4 } as const;
export type Amount = keyof typeof amounts;

export interface Text {
  /** words[0] is <bos>, so that an index here is a position in the cache. */
  readonly words: readonly string[];
  readonly questions: readonly Question[];
}

/** Where a fact came to stand: its sentence begins at `at`. */
interface Stated {
  readonly fact: Fact;
  readonly at: number;
}

const factKinds = (kinds: readonly Kind[]): FactKind[] => {
  const chosen = kinds.filter((kind): kind is FactKind => kind in makers);
  return chosen.length ? chosen : (Object.keys(makers) as FactKind[]);
};

/** Facts for a text, dropped from the end where a short text has no room for all. */
function chooseFacts(random: Random, { length, kinds, density = 1, loose = false }: TextOptions): Fact[] {
  const drawn = factKinds(kinds).flatMap((kind) => makers[kind](random, factCount(kind, length, density), loose));
  let room = Math.floor(length * 0.8) - 16;
  return interleave(random, drawn).filter(({ sentence }) => {
    const fits = sentence.length <= room;
    if (fits) room -= sentence.length;
    return fits;
  });
}

interface Rule {
  readonly fact: Fact;
  readonly words: readonly string[];
}

/** One to three rules, about facts that the text states. */
function chooseRules(random: Random, facts: readonly Fact[], length: number): Rule[] {
  const byKey = new Map(facts.filter(({ kind }) => kind !== 'list').map((fact) => [`${fact.kind} ${fact.key}`, fact]));
  const count = length < 128 ? 1 : integer(random, 1, 3);
  return shuffle(random, [...byKey.values()])
    .slice(0, Math.max(1, Math.min(count, byKey.size - 1)))
    .map((fact) => ({ fact, words: ruling[fact.kind as Exclude<FactKind, 'list'>](fact.key) }));
}

/** Facts in their order among filler, `room` tokens in all. */
function scatter(random: Random, facts: readonly Fact[], room: number): (Fact | string[])[] {
  let left = room - facts.reduce((sum, { sentence }) => sum + sentence.length, 0);
  const fillers: string[][] = [];
  while (left > 0) {
    fillers.push(filler(random, left));
    left -= fillers.at(-1)!.length;
  }
  const places = shuffle(random, [...facts.map(() => true), ...fillers.map(() => false)]);
  const [nextFact, nextFiller] = [facts.values(), fillers.values()];
  return places.map((isFact) => (isFact ? nextFact : nextFiller).next().value!);
}

/** Writes sentences one after the other and remembers where each fact stands. */
class Writer {
  readonly words = ['<bos>'];
  readonly stated: Stated[] = [];

  write(part: Fact | readonly string[]): void {
    if ('sentence' in part) this.stated.push({ fact: part, at: this.words.length });
    this.words.push(...('sentence' in part ? part.sentence : part));
  }

  /** The facts that hold: of those about one key, the latest. */
  holding(): Stated[] {
    return [...new Map(this.stated.map((stated) => [`${stated.fact.kind} ${stated.fact.key}`, stated])).values()];
  }
}

const thanks = ['keeper', ':', 'thank', 'you', '.'];

/** The turn in which the visitor asks about something said before; half of the second questions in a row lean on the first. */
function askTurn({ fact }: Stated, also: boolean, forbidden: boolean): string[] {
  const person = fact.kind === 'liking' || fact.kind === 'list';
  const words = also ? askingAlso(fact.key, !person) : asking[fact.kind](fact.key);
  return ['visitor', ':', ...words, 'keeper', ':', ...(forbidden ? secret : fact.answer), '.'];
}

const longestTurn = 60;

/** Turns of a visitor who tells and asks and a keeper who answers. Facts asked about here are added to `asked`. */
function converse(
  random: Random,
  writer: Writer,
  facts: readonly Fact[],
  rules: readonly Rule[],
  length: number,
  asked: Set<string>,
): void {
  const waiting = [...facts];
  const room = () => length - writer.words.length;
  const isRuled = ({ fact }: Stated) =>
    rules.some((rule) => rule.fact.kind === fact.kind && rule.fact.key === fact.key);
  while (room() > 2 * longestTurn) {
    writer.write(['visitor', ':']);
    for (let i = integer(random, 2, 4); i > 0; i--) {
      writer.write(waiting.length && random() < 0.7 ? waiting.shift()! : filler(random, 14));
    }
    writer.write(thanks);
    let last = '';
    while (random() < 0.45 && room() > 2 * longestTurn) {
      const open = writer
        .holding()
        .filter(
          (stated) =>
            !asked.has(stated.fact.key) &&
            !waiting.some(({ kind, key }) => kind === stated.fact.kind && key === stated.fact.key),
        );
      // A fact stays that was not asked about, for the question after the text.
      if (new Set(open.map(({ fact }) => fact.key)).size < 2) break;
      const same = open.filter(({ fact }) => fact.kind === last && last !== 'place');
      const stated = same.length && random() < 0.5 ? pick(random, same) : pick(random, open);
      writer.write(askTurn(stated, stated.fact.kind === last && last !== 'place', isRuled(stated)));
      asked.add(stated.fact.key);
      last = stated.fact.kind;
    }
  }
  writer.write(['visitor', ':']);
  const end = room() - thanks.length;
  const fitting: Fact[] = [];
  for (const fact of waiting) {
    if (fitting.reduce((sum, { sentence }) => sum + sentence.length, fact.sentence.length) <= end - 6)
      fitting.push(fact);
  }
  for (const part of scatter(random, fitting, end)) writer.write(part);
  writer.write(thanks);
}

function question({ fact, at }: Stated, rules: readonly Rule[], ruleAt: readonly number[], talk: boolean): Question {
  const rule = rules.findIndex((one) => one.fact.kind === fact.kind && one.fact.key === fact.key);
  const words = asking[fact.kind](fact.key);
  const kind = talk ? 'conversation' : rule >= 0 ? 'rule' : fact.kind;
  const asked = { kind, about: fact.kind, words: talk ? ['visitor', ':', ...words, 'keeper', ':'] : words } as const;
  if (rule >= 0) {
    const start = ruleAt[rule]!;
    const end = start + rules[rule]!.words.length;
    return {
      ...asked,
      answer: secret,
      needed: Array.from({ length: end - start }, (_, i) => start + i),
      sentence: [start, end],
    };
  }
  return {
    ...asked,
    answer: fact.answer,
    needed: neededWords(fact, fact.answer).map((i) => at + i),
    sentence: [at, at + fact.sentence.length],
  };
}

/**
 * A text of the harbour town, its facts, and every question that can be asked about it, in a shuffled order.
 * The same seed and options give the same text, for ever: published links depend on it.
 */
export function writeText(seed: number, options: TextOptions): Text {
  const random = seeded(seed);
  const { length, kinds, free = 0 } = options;
  const talk = kinds.includes('conversation');
  const facts = chooseFacts(random, options);
  const rules =
    kinds.includes('rule') || kinds.every((kind) => kind === 'conversation') ? chooseRules(random, facts, length) : [];
  const writer = new Writer();
  const ruleAt = rules.map(({ words }) => {
    const at = writer.words.length;
    writer.write(words);
    return at;
  });
  const asked = new Set<string>();
  if (talk) converse(random, writer, facts, rules, length, asked);
  else for (const part of scatter(random, facts, length - writer.words.length)) writer.write(part);
  const questions = shuffle(
    random,
    writer.holding().filter(({ fact }) => !asked.has(fact.key)),
  ).map((stated) => question(stated, rules, ruleAt, talk));
  const wanted = questions.filter(({ kind }) => kinds.includes(kind));
  return rename(random, { words: writer.words, questions: wanted.length ? wanted : questions }, free);
}

export const defaultKinds: readonly Kind[] = allKinds.filter((kind) => kind !== 'conversation');
