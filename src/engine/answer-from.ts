import { KVCache } from './cache/kv-cache.ts';
import { longestAnswer } from './live.ts';
import { argmax } from './measure/divergence.ts';
import type { Model } from './model/model.ts';
import { readOn } from './recompute.ts';

export interface Answered {
  /** The answer, with the full stop that ends it. */
  readonly tokens: readonly number[];
  /** For each of them what it was chosen by, [vocabulary]. */
  readonly logits: readonly Float32Array[];
  /** For each of them the last row of the residual stream behind each layer, [layers][hidden]. */
  readonly states: readonly (readonly Float32Array[])[];
}

/** What a cache says to a question, which is read behind it on a fork: the cache stays as it was. */
export function answerFrom(model: Model, cache: KVCache, question: readonly number[]): Answered {
  const fork = new KVCache(model.store);
  fork.fork(cache);
  const answered = answerOn(model, fork, question);
  fork.release();
  return answered;
}

/**
 * Reads a question behind what a cache holds, and writes an answer there: the most probable word, and the next. The last one is not read.
 * @param said an answer that it is made to give; its own where it is missing
 */
export function answerOn(
  model: Model,
  cache: KVCache,
  question: readonly number[],
  said?: readonly number[],
): Answered {
  const [tokens, logits, states]: [number[], Float32Array[], Float32Array[][]] = [[], [], []];
  for (let next = question; ; next = tokens.slice(-1)) {
    const rows: Float32Array[] = [];
    logits.push(readOn(model, cache, next, (_layer, state) => rows.push(state.slice())));
    states.push(rows);
    tokens.push(said?.[tokens.length] ?? argmax(logits.at(-1)!));
    const ends = said ? tokens.length === said.length : tokens.at(-1) === model.config.stop;
    if (ends || tokens.length === longestAnswer) return { tokens, logits, states };
  }
}

export const sameTokens = (a: Pick<Answered, 'tokens'>, b: Pick<Answered, 'tokens'>): boolean =>
  a.tokens.join() === b.tokens.join();
