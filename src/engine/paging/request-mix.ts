import type { Kind } from '../world/facts.ts';
import { writeText, type Text } from '../world/text.ts';

/** A request as it arrives: what it asks, and what it will be answered. */
export interface Asked {
  readonly name: string;
  /** Operations that happen before it arrives, at least. */
  readonly at: number;
  readonly prompt: readonly string[];
  readonly answer: readonly string[];
  /** A second sample of this request's answer: it begins with the same blocks. */
  readonly sampleOf?: string;
}

const kinds: readonly Kind[] = ['code', 'liking', 'place', 'list'];
const options = { length: 44, kinds, density: 4 };

/** Two texts of the harbour town, as system prompts of two services, with questions about them. */
export const textsOf = (seed: number): readonly Text[] =>
  [0, 1].map((i) => writeText((seed + i) % 4294967296, options));

/** A question with the sentence that answers it. */
export function exchange(
  { words, questions }: Text,
  index: number,
): { question: readonly string[]; answer: readonly string[] } {
  const { words: question, sentence } = questions[index % questions.length]!;
  return { question, answer: words.slice(...sentence) };
}

/** Which text a request asks about, which of its questions, and whose second sample it is. The seventh asks what the first did. */
const mix: readonly (readonly [text: number, question: number, sampleOf?: string])[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 0, 'C'],
  [0, 2],
  [1, 1],
  [0, 0],
  [1, 2],
];

/** Requests that come one after the other, share beginnings, and end. A second sample says it in other words. */
export function requestMix(seed: number): Asked[] {
  const texts = textsOf(seed);
  return mix.map(([text, index, sampleOf], i) => {
    const { question, answer } = exchange(texts[text]!, index);
    return {
      name: String.fromCharCode(65 + i),
      at: 3 * i,
      prompt: [...texts[text]!.words, ...question],
      answer: sampleOf === undefined ? answer : ['the', 'text', 'says', ...answer],
      ...(sampleOf === undefined ? {} : { sampleOf }),
    };
  });
}
