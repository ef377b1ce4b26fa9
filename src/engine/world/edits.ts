import { pick, seeded } from '../random.ts';
import { writeText } from './text.ts';
import { exchangeable } from './vocabulary.ts';

/** What is corrected of a fact: whose it is, or what it is. */
export const changes = ['name', 'value'] as const;
export type Change = (typeof changes)[number];

/** The kinds of facts that have one name and one value. */
export const editedKinds = ['code', 'place', 'liking'] as const;
export type EditedKind = (typeof editedKinds)[number];

/** A text of which one word was corrected, and a question that this decides. */
export interface Edit {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Where the word stands. */
  readonly at: number;
  /** The fact's sentence, [from, to). */
  readonly sentence: readonly [number, number];
  readonly question: readonly string[];
}

/** The earliest fact of a kind is corrected, by a word of the same class that the text does not hold. */
export function editText(seed: number, about: EditedKind, change: Change, length: number): Edit {
  const { words: before, questions } = writeText(seed, { length, kinds: editedKinds });
  const { needed, answer, sentence, words } = questions
    .filter((question) => question.about === about)
    .reduce((a, b) => (b.sentence[0] < a.sentence[0] ? b : a));
  const at = needed.find((position) => answer.includes(before[position]!) === (change === 'value'))!;
  const old = before[at]!;
  const word = pick(seeded(seed), othersLike(old, before));
  return {
    before,
    after: before.with(at, word),
    at,
    sentence,
    question: words.map((one) => (one === old ? word : one)),
  };
}

/** Words of a word's class that a text does not hold. */
export const othersLike = (word: string, text: readonly string[]): string[] =>
  (Object.values(exchangeable).find((words) => words.includes(word)) ?? []).filter((other) => !text.includes(other));
