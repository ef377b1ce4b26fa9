import type { Engine } from '../../engine/engine.ts';
import {
  asking,
  inGroups,
  keysLike,
  meansOf,
  paidBy,
  placesOf,
  sentencesOf,
  sumsOf,
  type Asked,
  type Passage,
} from '../../engine/measure/passages.ts';
import type { Vocabulary } from '../../engine/model/tokenizer.ts';
import { Prefix } from '../../engine/prefix.ts';
import { seededPrompt, shortestText, trainedText, typedPrompt, type Prompt, type Turn } from '../../engine/prompt.ts';
import { readTyped } from '../../engine/world/typed.ts';
import { bm25 } from '../bm25.ts';
import { number, numberOr, oneOf, text, type FieldsOf } from '../fields.ts';

/** What decides how passages are ranked for a query. */
export interface PassagesView {
  readonly seed: number;
  readonly length: number;
  readonly question: number;
  /** Sentences of a passage. */
  readonly size: number;
  /** Whose attention counts. */
  readonly layer: number | 'all';
  readonly head: number | 'all';
  /** Whether <bos>, on which heads rest that look for nothing, is in no passage and a passage is worth the mean of its words; or neither. */
  readonly sink: 'apart' | 'counted';
  /** A reader's own passages and query; '' where the text comes from the seed. */
  readonly text: string;
  readonly ask: string;
}

export const fields = {
  seed: number(7, 0, 4294967295, 1),
  length: number(256, shortestText, trainedText, 1),
  question: number(13, 0, 999, 1),
  size: number(3, 1, 8, 1),
  layer: numberOr('all', 3),
  head: numberOr('all', 3),
  sink: oneOf<PassagesView['sink']>('apart', ['apart', 'counted']),
  text: text(12_000),
  ask: text(400),
} as const satisfies FieldsOf<PassagesView>;

export const asks = Object.keys(fields) as (keyof PassagesView)[];

export const rankers = ['attention', 'bm25', 'keys'] as const;
export type Ranker = (typeof rankers)[number];
export const depths = [1, 3, 5] as const;

/** What was found for one query, and for all queries of the same text. */
export interface Ranked {
  /** The text behind <bos>, and the query, each word as it was read. */
  readonly words: string;
  readonly query: string;
  readonly capitals: readonly string[];
  readonly passages: readonly Passage[];
  /** A digit for each word: how much it is attended to, in five steps of the most that a word is. */
  readonly paid: string;
  /** How much attention each passage gets, 1..16 of the most. */
  readonly levels: readonly number[];
  /** The place of each passage, 1 = first; 0 where BM25 has found no word. */
  readonly places: Readonly<Record<Ranker, readonly number[]>>;
  /** The passage that answers; -1 where nobody knows. */
  readonly wanted: number;
  readonly questions: number;
  readonly tokens: { readonly text: number; readonly query: number };
  /** Of all questions of the text, how many have the passage that answers among the first 1, 3 and 5; and tokens of all these queries. */
  readonly all?: { readonly n: number; readonly tokens: number; readonly within: Readonly<Record<Ranker, number[]>> };
  readonly problems: readonly string[];
}

const kinds = ['code', 'place', 'liking', 'list'] as const;

interface Read {
  readonly prompt: Prompt;
  readonly passages: readonly Passage[];
  readonly problems: readonly string[];
}

function generated(vocabulary: Vocabulary, { seed, length, size }: PassagesView): Read {
  const prompt = seededPrompt(vocabulary, seed, { length, kinds, turns: Infinity }, 0, 'later');
  return { prompt, passages: inGroups(sentencesOf(prompt.words.slice(0, length)), size), problems: prompt.problems };
}

/** A reader's own passages are parted by empty lines; a text without any is parted as a generated one is. */
function typed(vocabulary: Vocabulary, { text: written, ask, size }: PassagesView): Read {
  const body = readTyped(written, trainedText - 1);
  const read = typedPrompt(vocabulary, body.words.join(' '), ask, 'later');
  const prompt = { ...read, capitals: [...body.capitals, ...read.capitals] };
  const blocks = written.split(/\n\s*\n/).map((block) => readTyped(block, Infinity).words.length);
  const parted = blocks.filter(Boolean).length > 1 && body.words.length > 0;
  const passages = parted
    ? blocksOf(blocks, prompt.textLength)
    : inGroups(sentencesOf(prompt.words.slice(0, prompt.textLength)), size);
  const alone =
    passages.length === 1 ? ['There is one passage, so there is nothing to rank: part passages by an empty line.'] : [];
  return { prompt, passages, problems: [...body.problems, ...prompt.problems, ...alone] };
}

/** @param lengths words of each block @param end where the text was cut */
function blocksOf(lengths: readonly number[], end: number): Passage[] {
  let from = 1;
  return lengths.flatMap((length) => {
    const block = { from, to: Math.min(from + length, end) };
    from += length;
    return block.to > block.from ? [block] : [];
  });
}

/** What a passage is worth with <bos> apart, and without any correction: a sum, with <bos> in the first passage. */
const worthOf = (paid: Float64Array, passages: readonly Passage[], sink: PassagesView['sink']): Float64Array =>
  sink === 'apart'
    ? meansOf(paid, passages)
    : sumsOf(
        paid,
        passages.map(({ from, to }, i) => ({ from: i ? from : 0, to })),
      );

function headsOf({ layer, head }: PassagesView, { layers, kvHeads }: { layers: number; kvHeads: number }): number[] {
  return Array.from({ length: layers * kvHeads }, (_, at) => at).filter(
    (at) => (layer === 'all' || layer === Math.floor(at / kvHeads)) && (head === 'all' || head === at % kvHeads),
  );
}

/** Where steps of attention begin, as shares of the most that a word gets. */
const steps = [0.03, 0.08, 0.2, 0.4, 0.7];

const shares = (numbers: Float64Array): number[] => {
  const most = Math.max(...numbers, Number.MIN_VALUE);
  return Array.from(numbers, (x) => x / most);
};

/**
 * One text is read, once; then queries run on its cache, one after the other: first the one that was asked for, then all that the text has, for how often
 * each way to rank is right.
 */
export function* run({ model }: Pick<Engine, 'model'>, view: PassagesView): Generator<Ranked> {
  const { prompt, passages, problems } = (view.text || view.ask ? typed : generated)(model.vocabulary, view);
  const { textLength, turns } = prompt;
  const prefix = new Prefix(model, { ...prompt, compressedAt: textLength, judgedAt: textLength });
  const heads = headsOf(view, model.config);
  const scoresOf = (asked: Asked, { question }: Turn, paid: Float64Array): Record<Ranker, Float64Array> => ({
    attention: worthOf(paid, passages, view.sink),
    bm25: bm25(prompt.words, passages, question.words),
    keys: keysLike(asked, passages),
  });
  const places = (scores: Record<Ranker, Float64Array>): Record<Ranker, number[]> => ({
    attention: placesOf(scores.attention),
    bm25: placesOf(scores.bm25).map((place, i) => (scores.bm25[i] ? place : 0)),
    keys: placesOf(scores.keys),
  });
  const answering = ({ question: { sentence } }: Turn) =>
    sentence ? passages.findIndex(({ from, to }) => from <= sentence[0] && sentence[0] < to) : -1;
  try {
    const turn = turns[view.question % turns.length]!;
    const found = asking(prefix, turn.tokens, (asked): Ranked => {
      const paid = paidBy(asked, heads);
      const scores = scoresOf(asked, turn, paid);
      const words = shares(paid.subarray(1));
      return {
        words: prompt.words.slice(1, textLength).join(' '),
        query: turn.question.words.join(' '),
        capitals: prompt.capitals,
        passages,
        paid: words.map((share) => steps.filter((step) => share >= step).length).join(''),
        levels: shares(scores.attention).map((share) => Math.max(1, Math.round(16 * share))),
        places: places(scores),
        wanted: answering(turn),
        questions: turns.length,
        tokens: { text: textLength, query: turn.tokens.length },
        problems,
      };
    });
    yield found;
    if (found.wanted < 0) return;
    const within = Object.fromEntries(rankers.map((ranker) => [ranker, depths.map(() => 0)])) as Record<
      Ranker,
      number[]
    >;
    for (const other of turns) {
      const at = answering(other);
      const ranked = asking(prefix, other.tokens, (asked) => places(scoresOf(asked, other, paidBy(asked, heads))));
      for (const ranker of rankers)
        depths.forEach((depth, i) => {
          const place = ranked[ranker][at]!;
          within[ranker][i]! += Number(place > 0 && place <= depth);
        });
    }
    const tokens = turns.reduce((sum, one) => sum + one.tokens.length, 0);
    yield { ...found, all: { n: turns.length, tokens, within } };
  } finally {
    prefix.release();
  }
}
