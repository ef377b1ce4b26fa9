import { integer, pick, type Random } from '../random.ts';
import type { Text } from './text.ts';
import { exchangeable, vocabulary } from './vocabulary.ts';

const known = new Set(vocabulary);
const nameable = new Set([
  ...exchangeable.people,
  ...exchangeable.places,
  ...exchangeable.objects,
  ...exchangeable.foods,
]);
const numbers = new Set(exchangeable.numbers);

/** A pronounceable word that the vocabulary does not hold. */
function invent(random: Random): string {
  const word = Array.from(
    { length: integer(random, 2, 3) },
    () => pick(random, [...'bdfgklmnprstvz']) + pick(random, [...'aeiou']),
  ).join('');
  return known.has(word) ? invent(random) : word;
}

/** Leaves room for words that a reader may add to a generated text. */
const most = 56;

/** Replaces a share of the names and numbers by words outside the vocabulary, each name everywhere by the same word. */
export function rename(random: Random, text: Text, share: number): Text {
  if (!share) return text;
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const word of new Set(text.words)) {
    if (taken.size >= most || !(nameable.has(word) || numbers.has(word)) || random() >= share) continue;
    let name = numbers.has(word) ? String(integer(random, 100, 9999)) : invent(random);
    while (taken.has(name)) name = numbers.has(word) ? String(integer(random, 100, 9999)) : invent(random);
    taken.add(name);
    names.set(word, name);
  }
  const renamed = (words: readonly string[]) => words.map((word) => names.get(word) ?? word);
  return {
    words: renamed(text.words),
    questions: text.questions.map((question) => ({
      ...question,
      words: renamed(question.words),
      answer: renamed(question.answer),
    })),
  };
}
