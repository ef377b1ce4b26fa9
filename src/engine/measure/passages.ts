import { KVCache } from '../cache/kv-cache.ts';
import type { Model } from '../model/model.ts';
import { QueryLog } from '../model/query-log.ts';
import type { Prefix } from '../prefix.ts';
import { lookOf } from '../sight.ts';
import { cosine } from './cosine.ts';

/** Tokens [from, to) of a text that was read once. */
export interface Passage {
  readonly from: number;
  readonly to: number;
}

/** The sentences of a text, each a passage. @param words words[0] is <bos>, which is in none */
export function sentencesOf(words: readonly string[]): Passage[] {
  const ends = words.flatMap((word, at) => (word === '.' ? [at + 1] : []));
  if (ends.at(-1) !== words.length) ends.push(words.length);
  return ends.map((to, i) => ({ from: i ? ends[i - 1]! : 1, to }));
}

/** Passages of several sentences each, as they follow one another; the last may have fewer. */
export const inGroups = (sentences: readonly Passage[], size: number): Passage[] =>
  sentences
    .filter((_, i) => i % size === 0)
    .map(({ from }, i) => ({ from, to: sentences[Math.min((i + 1) * size, sentences.length) - 1]!.to }));

/** A query's rows behind a text: their tokens are [from, to) of the cache. */
export interface Asked extends Passage {
  readonly model: Model;
  readonly cache: KVCache;
  readonly queries: QueryLog;
}

/**
 * Runs a query's rows on a text that was read once: on a fork of its cache, which is given back afterwards, so that any number of queries may follow.
 * @param use what is done with the rows while they are there
 */
export function asking<T>(
  { model, cache: text, queries }: Prefix,
  query: readonly number[],
  use: (asked: Asked) => T,
): T {
  const cache = new KVCache(model.store);
  cache.fork(text);
  cache.append(query.length);
  const rows = new QueryLog(model.config, model.kernels.heap, queries, text.length);
  rows.reserve(cache.length);
  model.forward([{ cache, tokens: query, queries: rows }]);
  try {
    return use({ model, cache, queries: rows, from: text.length, to: cache.length });
  } finally {
    cache.release();
    rows.release();
  }
}

/**
 * Attention that the rows of a query pay to each token of the text, summed over rows and heads: [from].
 * @param heads layer * kvHeads + kvHead; all where it is missing
 */
export function paidBy(
  { model, cache, queries, from, to }: Asked,
  heads: Iterable<number> = Array(model.store.heads).keys(),
): Float64Array {
  const paid = new Float64Array(from);
  for (const head of heads) {
    for (let token = from; token < to; token++) {
      const looks = lookOf(model, cache, queries, head, token, token + 1);
      for (let at = 0; at < from; at++) paid[at]! += looks[at]!;
    }
  }
  return paid;
}

/**
 * Attention that each passage gets from the rows of a query, over all layers and heads, for each of its words: [passages]. That passages are ranked by what a
 * query's own rows pay is Attemory's idea; its formula is not public, so that all of this one is ours: all rows of the query, all heads alike, each word of a
 * passage counted once; and the sink's share falls away because <bos> is in no passage.
 */
export const attentionOf = (asked: Asked, passages: readonly Passage[]): Float64Array =>
  meansOf(paidBy(asked), passages);

/** The sum over each passage. */
export const sumsOf = (tokens: Float64Array, passages: readonly Passage[]): Float64Array =>
  Float64Array.from(passages, ({ from, to }) => tokens.subarray(from, to).reduce((a, b) => a + b, 0));

/** The mean over each passage. */
export const meansOf = (tokens: Float64Array, passages: readonly Passage[]): Float64Array =>
  sumsOf(tokens, passages).map((sum, i) => sum / (passages[i]!.to - passages[i]!.from));

/** Cosine of the query's last row and each passage's mean key, averaged over heads: [passages]. */
export function keysLike({ model, cache, queries, to }: Asked, passages: readonly Passage[]): Float64Array {
  const { layers, heads, kvHeads, headDim } = model.config;
  return Float64Array.from(passages, (passage) => {
    let sum = 0;
    for (let at = 0; at < layers * heads; at++) {
      const [layer, head] = [Math.floor(at / heads), at % heads];
      const kvHead = layer * kvHeads + Math.floor((head * kvHeads) / heads);
      const query = model.kernels.heap.floats(queries.at(layer, to - 1) + head * headDim, headDim);
      sum += cosine(query, meanKey(cache, kvHead, passage));
    }
    return sum / (layers * heads);
  });
}

function meanKey(cache: KVCache, head: number, { from, to }: Passage): Float64Array {
  const mean = new Float64Array(cache.store.config.headDim);
  for (let entry = from; entry < to; entry++) {
    cache.store.key(cache.row(head, entry)).forEach((x, c) => (mean[c]! += x / (to - from)));
  }
  return mean;
}

/** The place of one passage among all, 1 = first; of equal ones the older stands first. */
export const rankOf = (scores: ArrayLike<number>, wanted: number): number =>
  1 +
  Array.from(scores).filter((score, at) => score > scores[wanted]! || (score === scores[wanted]! && at < wanted))
    .length;

/** The place of each passage, 1 = first. */
export const placesOf = (scores: ArrayLike<number>): number[] =>
  Array.from(scores, (_, passage) => rankOf(scores, passage));
