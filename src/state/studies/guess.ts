import { KVCache } from '../../engine/cache/kv-cache.ts';
import type { Engine, Prepared } from '../../engine/engine.ts';
import { QueryLog } from '../../engine/model/query-log.ts';
import { parseLane, termsOf } from '../../engine/lane-spec.ts';
import { makePlan } from '../../engine/plan.ts';
import { seededPrompt } from '../../engine/prompt.ts';
import { chunkSums } from '../../engine/retrieval/chunks.ts';
import type { Retriever } from '../../engine/retrieval/types.ts';
import { CacheSight } from '../../engine/sight.ts';
import { defaultsOf, number, oneOf, type FieldsOf } from '../fields.ts';

/** Who guesses: KVFlash's scorers, the learned gates, and the one who knows. */
export const guessers = ['lru', 'qk', 'drafter', 'lookahead', 'oracle'] as const;
export type Guesser = (typeof guessers)[number];

export interface GuessView {
  readonly seed: number;
  /** Share of the text that may lie near. */
  readonly keep: number;
  /** Tokens between two choices. */
  readonly every: number;
  readonly scorer: Guesser;
  /** Which choice is shown. */
  readonly at: number;
}

/** Tokens of a text, and of a chunk: the gates of the lookahead were fitted on chunks of eight. */
const [length, size] = [256, 8];

export const fields = {
  seed: number(1, 0, 4294967295, 1),
  keep: number(0.25, 0.0625, 1, 0.0625),
  every: number(4, 1, 16, 1),
  scorer: oneOf<Guesser>('qk', guessers),
  at: number(1, 0, 40, 1),
} as const satisfies FieldsOf<GuessView>;

export const guessView = defaultsOf<GuessView>(fields);

export const asks = ['seed', 'keep', 'every'] as const;

/** What one guesser chose. */
export interface Choice {
  /** Of each chunk, from 0 for the lowest score to 100 for the highest. */
  readonly scores: readonly number[];
  /** A digit for each chunk: 1 where it lies near. */
  readonly near: string;
}

/** One choice, for the next few tokens. */
export interface Moment {
  /** Words that are read next: those that the choice is for. */
  readonly next: readonly string[];
  /** Of the attention that they pay to the text, what each chunk gets, in thousandths. */
  readonly paid: readonly number[];
  readonly choices: Readonly<Record<Guesser, Choice>>;
}

export interface GuessResult {
  readonly words: readonly string[];
  readonly capitals: readonly string[];
  readonly size: number;
  /** The first so many words behind the text are the question, the others the answer. */
  readonly asked: number;
  readonly moments: readonly Moment[];
}

/** Every guess is made on the full cache, so that all of them see the same. */
export function* run(engine: Engine, { seed, keep, every }: GuessView): Generator<GuessResult> {
  const { vocabulary } = engine.model;
  const prompt = seededPrompt(vocabulary, seed, { length, kinds: ['code', 'place', 'liking'] }, 0, 'later');
  const prepared = engine.prepare(prompt);
  const answer = prepared.full.answers[0]!.map(({ token }) => token);
  const read = [...prompt.turns[0]!.tokens, ...answer].slice(0, prepared.ground.ahead!.length);
  const words = prompt.tokenizer.decode(read);
  const moments = [...momentsOf(engine, prepared, read, { keep, every })].map(({ from, ...moment }) => ({
    next: words.slice(from, from + every),
    ...moment,
  }));
  engine.release(prepared);
  const asked = prompt.turns[0]!.tokens.length;
  yield { words: prompt.words.slice(0, prompt.textLength), capitals: prompt.capitals, size, asked, moments };
}

function* momentsOf(
  { model }: Engine,
  { prefix, ground, prompt }: Prepared,
  read: readonly number[],
  { keep, every }: Pick<GuessView, 'keep' | 'every'>,
): Generator<Omit<Moment, 'next'> & { from: number }> {
  const text = prompt.compressedAt;
  const cache = new KVCache(model.store);
  cache.fork(prefix.cache);
  const queries = new QueryLog(model.config, model.kernels.heap, prefix.queries, text);
  const room = Math.floor(keep * text * model.store.heads + 1e-6);
  const those = guessers.map((name) => [name, retrieverOf(name, every)] as const);
  for (let from = 0; from < read.length; from += every) {
    const sight = new CacheSight(model, cache, queries, ground.ahead, room, text);
    const choices: Partial<Record<Guesser, Choice>> = {};
    for (const [name, retriever] of those) {
      const { scores, near } = retriever.guess!(cache, sight);
      choices[name] = { scores: levels(scores), near: near.join('') };
    }
    const paid = chunkSums(sight.ahead(every)!, { size, prompt: text });
    const all = paid.reduce((a, b) => a + b, 0);
    yield {
      from,
      paid: Array.from(paid, (sum) => Math.round((1000 * sum) / all)),
      choices: choices as Record<Guesser, Choice>,
    };
    const tokens = read.slice(from, from + every);
    cache.append(tokens.length);
    queries.reserve(cache.length);
    model.forward([{ cache, tokens, queries }]);
  }
  cache.release();
  queries.release();
}

function retrieverOf(name: Guesser, every: number): Retriever {
  const lane =
    name === 'lookahead' ? `lookahead(every=${every})` : `kvflash(scorer=${name},chunk=${size},every=${every})`;
  const { spec } = parseLane(lane);
  if (!termsOf(spec, 'retrieval').length) throw new Error(`${lane} is no way of fetching.`);
  return makePlan(spec).retriever;
}

/** Scores of different kinds on one scale: the lowest is 0 and the highest 100, and chunks that nothing is known of are 0 too. */
function levels(scores: Float64Array): number[] {
  const known = scores.filter((score) => score > -2);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return Array.from(scores, (score) =>
    most > least ? Math.round((100 * Math.max(0, score - least)) / (most - least)) : 0,
  );
}

/** Of the attention to the text, the share that one choice had near. */
export const shareNear = ({ paid, choices }: Moment, scorer: Guesser): number => {
  const sum = (of: (chunk: number) => boolean) => paid.reduce((all, share, chunk) => all + (of(chunk) ? share : 0), 0);
  return sum((chunk) => choices[scorer].near[chunk] === '1') / sum(() => true);
};
