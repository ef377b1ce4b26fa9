import { Tokenizer, type Vocabulary } from './model/tokenizer.ts';
import { defaultKinds, writeText, type TextOptions } from './world/text.ts';
import { formOf, type Question } from './world/questions.ts';
import { readQuestion, readTyped } from './world/typed.ts';

/** When the question becomes known: it stands in the cache when that is compressed, or it is asked only later. */
export const moments = ['visible', 'later'] as const;
export type When = (typeof moments)[number];

/**
 * How the prompt comes into the cache: read as a whole; its second half read elsewhere, on its own, and spliced in; or behind an earlier request
 * with the same text, whose blocks are still there.
 */
export const readings = ['whole', 'spliced', 'warm'] as const;
export type ReadingWay = (typeof readings)[number];

/** A question that is read, and answered. */
export interface Turn {
  readonly question: Pick<Question, 'words'> & Partial<Question>;
  /** What is read of it after the cache was compressed, at least one token. */
  readonly tokens: readonly number[];
  /** Undefined where nobody knows the right answer: a reader's own question. */
  readonly expected: readonly string[] | undefined;
}

export interface Prompt {
  /** Everything before the first answer token, as words; words[0] is <bos>. */
  readonly words: readonly string[];
  readonly tokens: readonly number[];
  /** The first this many tokens are in the cache when it is compressed; the rest are read with what is left. */
  readonly compressedAt: number;
  /**
   * Tokens that were read when rules judge the cache. The last token of a question that is known by then looks for the answer, so it has a vote: it is
   * read, forgotten, and read again by what is left.
   */
  readonly judgedAt: number;
  /** Length of the text without the question. */
  readonly textLength: number;
  readonly turns: readonly Turn[];
  /** Where a chunk begins that was read on its own. */
  readonly splicedAt: number | undefined;
  /** Tokens of a request that was read before, and whose blocks are still in the pool. */
  readonly earlier: readonly number[] | undefined;
  /** How many questions the text has. */
  readonly questions: number;
  readonly tokenizer: Tokenizer;
  /** Words outside the vocabulary that are printed with a capital. */
  readonly capitals: readonly string[];
  readonly problems: readonly string[];
}

/** A prompt holds at most this many tokens of text. */
export const longestText = 4096;
/** The model was trained on no longer texts; figures offer no longer ones. */
export const trainedText = 1024;
export const shortestText = 64;
const longestQuestion = 40;

interface Parts {
  readonly text: readonly string[];
  readonly asked: readonly Turn['question'][];
  readonly when: When;
  readonly reading?: ReadingWay | undefined;
  readonly problems?: readonly string[];
  readonly questions?: number;
  readonly capitals?: readonly string[];
}

function build(
  vocabulary: Vocabulary,
  { text, asked, when, reading = 'whole', problems = [], questions = 1, capitals = [] }: Parts,
): Prompt {
  const tokenizer = new Tokenizer(vocabulary);
  const [first, ...later] = asked;
  const words = [...text, ...(first?.words ?? [])];
  const tokens = tokenizer.encode(words);
  // The last token of a visible question is the one that asks for the answer: it must read the compressed cache.
  const compressedAt = when === 'later' ? text.length : words.length - 1;
  const turns = [
    ...(first ? [{ question: first, tokens: tokens.slice(compressedAt), expected: first.answer }] : []),
    ...later.map((question) => ({ question, tokens: tokenizer.encode(question.words), expected: question.answer })),
  ];
  const { overflow } = tokenizer;
  const few = [...overflow].slice(0, 5).join(', ');
  return {
    words,
    tokens,
    turns,
    tokenizer,
    compressedAt,
    judgedAt: when === 'later' ? text.length : words.length,
    textLength: text.length,
    splicedAt: reading === 'spliced' ? middle(text) : undefined,
    earlier: reading === 'warm' ? tokens.slice(0, text.length) : undefined,
    questions,
    capitals,
    problems: [
      ...problems,
      ...(overflow.size
        ? [
            `The model has room for ${vocabulary.free.length} words that it does not know; ${overflow.size} more cannot be told apart: ${few}`,
          ]
        : []),
    ],
  };
}

/** Where the sentence begins that is nearest to the middle of a text; undefined where there is only one. */
function middle(text: readonly string[]): number | undefined {
  const starts = [...text.keys()].filter((i) => i > 1 && text[i - 1] === '.');
  const half = text.length / 2;
  return starts.length ? starts.reduce((a, b) => (Math.abs(b - half) < Math.abs(a - half) ? b : a)) : undefined;
}

export interface SeededOptions extends Omit<TextOptions, 'kinds'>, Partial<Pick<TextOptions, 'kinds'>> {
  /** Questions that are asked, one after the other. */
  readonly turns?: number;
  /** The first question is asked once more at the end. */
  readonly again?: boolean | undefined;
  readonly reading?: ReadingWay;
}

/** A generated text with some of its questions. @param index of the first, taken modulo their number; the next ones follow */
export function seededPrompt(
  vocabulary: Vocabulary,
  seed: number,
  { turns = 1, again = false, reading, ...options }: SeededOptions,
  index: number,
  when: When,
): Prompt {
  const { words, questions } = writeText(seed, { kinds: defaultKinds, ...options });
  const asked = Array.from(
    { length: Math.min(turns, questions.length) },
    (_, i) => questions[(index + i) % questions.length]!,
  );
  if (again) asked.push(asked[0]!);
  return build(vocabulary, { text: words, asked, when, reading, questions: questions.length });
}

/** The beginning of a generated text, and a question about it that is asked later. */
export const beginningPrompt = (vocabulary: Vocabulary, words: readonly string[], question: Question): Prompt =>
  build(vocabulary, { text: words, asked: [question], when: 'later' });

/** A text alone, before any question is chosen. */
export const textPrompt = (vocabulary: Vocabulary, words: readonly string[]): Prompt =>
  build(vocabulary, { text: words, asked: [], when: 'later' });

const unknownForm =
  'The model never saw a question of this form, so its answer is a guess. It was asked: What is the code for the ...? Where is the ...? What does ... like? What is on the list of ...?';

const example = {
  text: ['the', 'code', 'for', 'the', 'mill', 'is', '22', '27', '.'],
  question: ['what', 'is', 'the', 'code', 'for', 'the', 'mill', '?'],
};

/** A reader's own text and question. An empty one is replaced by an example, and that is said. */
export function typedPrompt(
  vocabulary: Vocabulary,
  text: string,
  question: string,
  when: When,
  reading: ReadingWay = 'whole',
): Prompt {
  const body = readTyped(text, longestText - 1);
  const asked = readQuestion(question, longestQuestion);
  const problems = [...body.problems, ...asked.problems];
  if (!body.words.length) problems.push('There was no text, so an example stands in for it.');
  if (!asked.words.length) problems.push('There was no question, so an example is asked.');
  else if (!formOf(asked.words)) problems.push(unknownForm);
  return build(vocabulary, {
    text: ['<bos>', ...(body.words.length ? body.words : example.text)],
    asked: [{ words: asked.words.length ? asked.words : example.question }],
    when,
    reading,
    problems,
    capitals: [...body.capitals, ...asked.capitals],
  });
}

/** Tokens that are read as they are, with no question behind them: what a prefix is made of. */
export const textOnly = (
  tokens: readonly number[],
): Pick<Prompt, 'tokens' | 'compressedAt' | 'judgedAt' | 'textLength' | 'splicedAt' | 'earlier'> => ({
  tokens,
  compressedAt: tokens.length,
  judgedAt: tokens.length,
  textLength: tokens.length,
  splicedAt: undefined,
  earlier: undefined,
});

/** How many words of a prompt the model has never seen. */
export const freeCount = ({ tokens, tokenizer: { vocabulary } }: Prompt) =>
  new Set(tokens.filter((id) => vocabulary.isFree(id) || id === vocabulary.unknown)).size;
