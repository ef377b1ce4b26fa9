import { sentencesOf, type Passage } from '../measure/passages.ts';
import { editedKinds } from './edits.ts';
import type { Question } from './questions.ts';
import { writeText, type Text } from './text.ts';

/**
 * Where a text is cut in two: inside a fact, between whose it is and what it is; or between two sentences, of which the later takes back what an earlier one
 * said.
 */
export const cuts = ['fact', 'sentence'] as const;
export type Cut = (typeof cuts)[number];

export interface CutText {
  readonly words: readonly string[];
  /** Where the second part begins. */
  readonly at: number;
  readonly question: readonly string[];
}

/** Neighbouring seeds stay neighbours where one of them has no text that can be cut so. */
const next = 1_000_003;

/** A text that is cut near its middle, and a question to which the two parts belong together. */
export function cutText(seed: number, cut: Cut, length: number): CutText {
  for (let tried = seed; ; tried += next) {
    const text = writeText(tried, { length, kinds: editedKinds });
    const found = text.questions.flatMap((question) => {
      const at = cut === 'fact' ? insideOf(text, question) : beforeOf(text, question);
      return at === undefined ? [] : [{ words: text.words, at, question: question.words }];
    });
    const middle = (one: CutText) => Math.abs(one.at - length / 2);
    if (found.length) return found.reduce((a, b) => (middle(b) < middle(a) ? b : a));
  }
}

/** The first word of what a fact says. */
const insideOf = ({ words }: Text, { needed, answer }: Question) =>
  needed.find((position) => answer.includes(words[position]!));

/** Of a thing that is carried twice, where a sentence begins between the two, or the second itself: as near to the middle as there is one. */
function beforeOf({ words }: Text, { about, needed, sentence: [from] }: Question): number | undefined {
  const sentences = sentencesOf(words);
  const first = sentences.find((one) => one.to <= from && carries(words, one, words[needed[0]!]!));
  if (about !== 'place' || !first) return undefined;
  const middle = (at: number) => Math.abs(at - words.length / 2);
  const between = sentences.map((one) => one.from).filter((at) => at >= first.to && at <= from);
  return between.reduce((a, b) => (middle(b) < middle(a) ? b : a));
}

/** "anna carried the lamp to the mill ." */
const carries = (words: readonly string[], { from, to }: Passage, thing: string) =>
  to - from === 8 && words[from + 3] === thing && words[from + 4] === 'to';
