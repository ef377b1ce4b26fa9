import type { Config } from '../model/config.ts';

/** Multiply-accumulates that follow from shapes alone. The model counts what it really does (`Model.work`); the two agree. */

/** One token through the matrices of all layers. */
export const matrixWork = ({ layers, hidden, inner, heads, kvHeads, headDim }: Config) =>
  layers * hidden * (2 * (heads + kvHeads) * headDim + 3 * inner);

/** One token's logits. */
export const logitWork = ({ hidden, vocabulary }: Config) => hidden * vocabulary;

/** One query head looking at one held token: a dot product, and its share of the weighted sum. */
const look = ({ headDim }: Config) => 2 * headDim;

/**
 * Reading `tokens` tokens one after the other, of which `answers` are followed by a prediction, when each KV head begins with so many held.
 * @param counts [layers * kvHeads]
 */
export function readingWork(config: Config, counts: ArrayLike<number>, tokens: number, answers: number): number {
  const group = config.heads / config.kvHeads;
  let looks = 0;
  for (let head = 0; head < counts.length; head++) looks += tokens * counts[head]! + (tokens * (tokens + 1)) / 2;
  return tokens * matrixWork(config) + answers * logitWork(config) + looks * group * look(config);
}

const empty = ({ layers, kvHeads }: Config, held: number) => new Array<number>(layers * kvHeads).fill(held);

/** The next token after `held` others, with their keys and values at hand. */
export const withCache = (config: Config, held: number) => readingWork(config, empty(config, held), 1, 1);

/** The same without a cache: everything before it is computed again. */
export const withoutCache = (config: Config, held: number) => readingWork(config, empty(config, 0), held + 1, 1);
