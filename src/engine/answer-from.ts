import { KVCache } from './cache/kv-cache.ts';
import { longestAnswer } from './live.ts';
import { argmax } from './measure/divergence.ts';
import type { Model } from './model/model.ts';
import { readOn } from './recompute.ts';

export interface Answered {
  /** Each of them [vocabulary], and what they chose: the answer, with the full stop that ends it. */
  readonly logits: readonly Float32Array[];
  readonly tokens: readonly number[];
  /** For each of them the last row of the residual stream after each layer, [layers][hidden]. */
  readonly states: readonly (readonly Float32Array[])[];
}

/** What a cache says to a question, which is read behind it on a fork: the cache stays as it was. The most probable word is said, as everywhere. */
export function answerFrom(model: Model, cache: KVCache, question: readonly number[]): Answered {
  const fork = new KVCache(model.store);
  fork.fork(cache);
  const [logits, tokens, states]: [Float32Array[], number[], Float32Array[][]] = [[], [], []];
  let next = question;
  do {
    const rows: Float32Array[] = [];
    logits.push(readOn(model, fork, next, (_layer, state) => rows.push(state.slice())));
    states.push(rows);
    tokens.push(argmax(logits.at(-1)!));
    next = tokens.slice(-1);
  } while (tokens.at(-1) !== model.config.stop && tokens.length < longestAnswer);
  fork.release();
  return { logits, tokens, states };
}

export const sameTokens = (a: Pick<Answered, 'tokens'>, b: Pick<Answered, 'tokens'>): boolean =>
  a.tokens.join() === b.tokens.join();
