import { isFree, Tokenizer, unknown } from './model/tokenizer.ts';
import { defaultKinds, writeText, type TextOptions } from './world/text.ts';
import type { Question } from './world/questions.ts';
import { readQuestion, readTyped } from './world/typed.ts';

/** When the question becomes known: it stands in the cache when that is compressed, or it is asked only later. */
export const moments = ['visible', 'later'] as const;
export type When = (typeof moments)[number];

export interface Prompt {
  /** Everything before the first answer token, as words; words[0] is <bos>. */
  readonly words: readonly string[];
  readonly tokens: readonly number[];
  /** The first this many tokens are in the cache when it is compressed; the rest are read with what is left. */
  readonly compressedAt: number;
  /** Length of the text without the question. */
  readonly textLength: number;
  readonly question: Pick<Question, 'words'> & Partial<Question>;
  /** How many questions the text has. */
  readonly questions: number;
  /** Undefined where nobody knows the right answer: a reader's own question. */
  readonly expected: readonly string[] | undefined;
  readonly tokenizer: Tokenizer;
  /** Words outside the vocabulary that are printed with a capital. */
  readonly capitals: readonly string[];
  readonly problems: readonly string[];
}

/** A prompt holds at most this many tokens of text; the model was trained on no more. */
export const longestText = 1024;
export const shortestText = 64;
const longestQuestion = 40;

function build(
  text: readonly string[],
  question: Prompt['question'],
  when: When,
  problems: readonly string[],
  questions = 1,
  capitals: readonly string[] = [],
): Prompt {
  const tokenizer = new Tokenizer();
  const words = [...text, ...question.words];
  const tokens = tokenizer.encode(words);
  const overflow = tokenizer.overflow.size
    ? [
        `The model has room for 64 words that it does not know; ${tokenizer.overflow.size} more cannot be told apart: ${[...tokenizer.overflow].slice(0, 5).join(', ')}`,
      ]
    : [];
  return {
    words,
    tokens,
    question,
    tokenizer,
    // The last token of a visible question is the one that asks for the answer: it must read the compressed cache.
    compressedAt: when === 'later' ? text.length : words.length - 1,
    textLength: text.length,
    questions,
    capitals,
    expected: question.answer,
    problems: [...problems, ...overflow],
  };
}

/** A generated text with one of its questions. @param index taken modulo the number of questions */
export function seededPrompt(
  seed: number,
  options: Omit<TextOptions, 'kinds'> & Partial<TextOptions>,
  index: number,
  when: When,
): Prompt {
  const text = writeText(seed, { kinds: defaultKinds, ...options });
  const question = text.questions[index % text.questions.length]!;
  return build(text.words, question, when, [], text.questions.length);
}

/** A text alone, before any question is chosen. */
export const textPrompt = (words: readonly string[]): Prompt => build(words, { words: [] }, 'later', []);

/** A reader's own text and question. An empty one is replaced by an example, and that is said. */
export function typedPrompt(text: string, question: string, when: When): Prompt {
  const body = readTyped(text, longestText - 1);
  const asked = readQuestion(question, longestQuestion);
  const problems = [...body.problems, ...asked.problems];
  const words = body.words.length ? body.words : ['the', 'code', 'for', 'the', 'mill', 'is', '22', '27', '.'];
  if (!body.words.length) problems.push('There was no text, so an example stands in for it.');
  if (!asked.words.length) problems.push('There was no question, so an example is asked.');
  const askedWords = asked.words.length ? asked.words : ['what', 'is', 'the', 'code', 'for', 'the', 'mill', '?'];
  return build(['<bos>', ...words], { words: askedWords }, when, problems, 1, [...body.capitals, ...asked.capitals]);
}

/** How many words of a prompt the model has never seen. */
export const freeCount = ({ tokens }: Prompt) => new Set(tokens.filter((id) => isFree(id) || id === unknown)).size;
