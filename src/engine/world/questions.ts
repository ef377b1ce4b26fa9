import type { Fact, FactKind, Kind } from './facts.ts';

/** A question with its answer, and where in the text the words stand that the answer needs. */
export interface Question {
  readonly kind: Kind;
  /** The kind of fact that is asked about; the same as `kind` outside rules and conversations. */
  readonly about: FactKind;
  readonly words: readonly string[];
  /** Without the closing full stop. */
  readonly answer: readonly string[];
  /** Positions in the text of the key and of the answer's words (for a rule, of the whole rule), ascending. */
  readonly needed: readonly number[];
  /** Position of the first word of the sentence that answers, and one past its last. */
  readonly sentence: readonly [number, number];
}

/** The answer to whatever a standing rule forbids to tell. */
export const secret = ['secret'];

export const asking: Readonly<Record<FactKind, (key: string) => string[]>> = {
  code: (place) => ['what', 'is', 'the', 'code', 'for', 'the', place, '?'],
  place: (object) => ['where', 'is', 'the', object, '?'],
  liking: (person) => ['what', 'does', person, 'like', '?'],
  list: (person) => ['what', 'is', 'on', 'the', 'list', 'of', person, '?'],
};

/** A follow-up that leaves out what the turn before it asked. */
export const askingAlso = (key: string, article: boolean) => ['and', 'for', ...(article ? ['the'] : []), key, '?'];

/** Rules stand at the very start of a text and must be obeyed by every later answer. */
export const ruling: Readonly<Record<Exclude<FactKind, 'list'>, (key: string) => string[]>> = {
  code: (place) => ['never', 'tell', 'the', 'code', 'for', 'the', place, '.'],
  place: (object) => ['never', 'say', 'where', 'the', object, 'is', '.'],
  liking: (person) => ['never', 'tell', 'what', person, 'likes', '.'],
};

/** Positions of the key and of the answer's words inside a fact's sentence. */
export function neededWords(fact: Fact, answer: readonly string[]): number[] {
  const wanted = new Set([fact.key, ...answer].filter((word) => word !== ','));
  return fact.sentence.flatMap((word, i) => (wanted.has(word) ? [i] : []));
}

/** What a question asks about, by its form; undefined where the model was never asked in that form. */
export const formOf = (words: readonly string[]): FactKind | undefined =>
  (Object.keys(asking) as FactKind[]).find((kind) => {
    const form = asking[kind]('');
    return form.length === words.length && form.every((word, i) => word === '' || word === words[i]);
  });
