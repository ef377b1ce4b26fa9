import { integer, pick, seeded, shuffle, type Random } from '../engine/random.ts';
import { kinds as allKinds, type Kind } from '../engine/world/facts.ts';
import { vocabulary } from '../engine/world/vocabulary.ts';
import { defaultKinds, writeText, type Text } from '../engine/world/text.ts';
import { Tokenizer, Vocabulary } from '../engine/model/tokenizer.ts';

const town = new Vocabulary(vocabulary);

/** One training sequence. */
export interface Exercise {
  readonly ids: number[];
  /** For each token of an answer the kind of its question, else -1. */
  readonly answerOf: number[];
  /** For each token of an answer the position in the text that tells it, else -1. */
  readonly sourceOf: number[];
}

const someKinds = (random: Random): Kind[] => {
  if (random() < 0.5) return [...defaultKinds];
  const chosen = defaultKinds.filter(() => random() < 0.5);
  return chosen.length ? chosen : [pick(random, defaultKinds)];
};

/** @param sparse chance that a text has few facts among much filler */
function someText(random: Random, length: number, sparse: number): Text {
  const talk = random() < 0.35;
  return writeText(integer(random, 0, 0xffffffff), {
    length,
    kinds: [...someKinds(random), ...(talk ? (['conversation'] as const) : [])],
    density: random() < sparse ? 0.12 + 0.4 * random() : 0.5 + 1.1 * random(),
    free: random() < 0.5 ? 0 : random() * 0.7,
    loose: random() < 0.06,
  });
}

/** Rules are few among the facts of a text, so their questions are asked first in line. */
const rulesFirst = (text: Text) =>
  [...text.questions].sort(
    (a, b) =>
      Number(b.needed.length > 4 && b.answer[0] === 'secret') - Number(a.needed.length > 4 && a.answer[0] === 'secret'),
  );

/** The kind of the question whose answer a word belongs to: answers run from a question (and the keeper's name) to a full stop. */
function markInside(words: readonly string[]): number[] {
  const talk = allKinds.indexOf('conversation');
  let state: 'text' | 'asked' | 'answer' = 'text';
  return words.map((word, i) => {
    if (word === '?') state = 'asked';
    else if (state === 'asked' && word === ':' && words[i - 1] === 'keeper') {
      state = 'answer';
      return -1;
    }
    if (state !== 'answer') return -1;
    if (word === '.') state = 'text';
    return talk;
  });
}

/** Where the answer's tokens stand in the sentence that tells them: for a rule its key, for lists and codes the run itself. */
function sources(words: readonly string[], { answer, sentence: [start, end] }: Text['questions'][number]): number[] {
  const at = Array.from({ length: end - start }, (_, i) => start + i).find((i) =>
    answer.every((word, k) => words[i + k] === word),
  );
  const first = at ?? end - (words[end - 2] === 'is' ? 3 : words[end - 2] === 'likes' ? 3 : 2);
  return [
    ...answer.map((_, k) => (at === undefined ? first : first + k)),
    at === undefined ? -1 : first + answer.length,
  ];
}

/** A text that fills a random part of `length`, then as many of its questions as fit, each asked once, in any order. */
export function exercise(seed: number, length: number, sparse = 0.5): Exercise {
  const random = seeded(seed);
  const text = someText(random, Math.max(32, Math.floor(length * (0.45 + 0.47 * random()))), sparse);
  const words = [...text.words];
  const answerOf = markInside(words);
  const sourceOf = words.map(() => -1);
  const asked: (typeof text.questions)[number][] = [];
  let room = length - words.length;
  for (const question of rulesFirst(text)) {
    const size = question.words.length + question.answer.length + 1;
    if (size > room) continue;
    room -= size;
    asked.push(question);
  }
  for (const question of shuffle(random, asked)) {
    const answer = [...question.answer, '.'];
    words.push(...question.words, ...answer);
    answerOf.push(...question.words.map(() => -1), ...answer.map(() => allKinds.indexOf(question.kind)));
    sourceOf.push(...question.words.map(() => -1), ...sources(text.words, question));
  }
  return { ids: new Tokenizer(town).encode(words), answerOf, sourceOf };
}
