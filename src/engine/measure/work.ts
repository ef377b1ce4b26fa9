import type { Config } from '../model/config.ts';

/** Multiply-accumulates that follow from shapes alone. The model counts what it really does (`Model.work`); the two agree. */

/** One token through the matrices of all layers. */
const matrixWork = ({ layers, hidden, inner, heads, kvHeads, headDim }: Config) =>
  layers * hidden * (2 * (heads + kvHeads) * headDim + 3 * inner);

/** What it is spared of them when nothing is predicted from it: all that comes after its query, key and value in the last layer. */
const sparedWork = ({ hidden, inner, heads, headDim }: Config) => hidden * (heads * headDim + 3 * inner);

/** One token's logits. */
const logitWork = ({ hidden, vocabulary }: Config) => hidden * vocabulary;

/** One token through all matrices. @param predicting whether the next token is predicted from it */
export const rowWork = (config: Config, predicting: boolean) =>
  matrixWork(config) + (predicting ? logitWork(config) : -sparedWork(config));

/** One query head looking at one held token: a dot product, and its share of the weighted sum. */
const look = ({ headDim }: Config) => 2 * headDim;

/**
 * Reading `tokens` tokens one after the other, of which the last `answers` are followed by a prediction, when each KV head begins with so many held. The
 * others look at nothing in the last layer.
 * @param counts [layers * kvHeads]
 */
export function readingWork(config: Config, counts: ArrayLike<number>, tokens: number, answers: number): number {
  const { heads, kvHeads } = config;
  const before = tokens - answers;
  let looks = 0;
  for (let head = 0; head < counts.length; head++) {
    looks += tokens * counts[head]! + (tokens * (tokens + 1)) / 2;
    if (head >= counts.length - kvHeads) looks -= before * counts[head]! + (before * (before + 1)) / 2;
  }
  return before * rowWork(config, false) + answers * rowWork(config, true) + looks * (heads / kvHeads) * look(config);
}

const empty = ({ layers, kvHeads }: Config, held: number) => new Array<number>(layers * kvHeads).fill(held);

/** The next token after `held` others, with their keys and values at hand. */
export const withCache = (config: Config, held: number) => readingWork(config, empty(config, held), 1, 1);

/** The same without a cache: everything before it is computed again. */
export const withoutCache = (config: Config, held: number) => readingWork(config, empty(config, 0), held + 1, 1);
