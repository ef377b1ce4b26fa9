import { answerFrom, sameTokens } from '../answer-from.ts';
import type { KVCache } from '../cache/kv-cache.ts';
import type { Model } from '../model/model.ts';
import { Tokenizer } from '../model/tokenizer.ts';
import { seeded, shuffle } from '../random.ts';
import { joined, readWhole, recompute } from '../recompute.ts';
import type { CutText } from '../world/cuts.ts';
import { deviations, largest } from './deviation.ts';
import { divergence, logSoftmax } from './divergence.ts';

/**
 * Which tokens of a chunk that was read elsewhere are computed anew: those whose values are most off in layer 1, as CacheBlend chooses (arXiv 2405.16444);
 * those whose values are most off in the deeper half of the layers, which nobody knows before all is read; the first ones, as EPIC does and a seam repair
 * (arXiv 2606.17107); or any.
 */
export const choices = ['deviation', 'deep', 'first', 'chance'] as const;
export type Choice = (typeof choices)[number];

/** Shares of a chunk's tokens. */
export const shares = [0, 0.05, 0.1, 0.15, 0.25, 0.5, 1] as const;

export interface Blended {
  readonly answer: readonly string[];
  /** Whether that is the answer of the text that was read whole. */
  readonly same: boolean;
  /** KL(whole || this) of the answer's first word, in nats. */
  readonly kl: number;
  readonly computed: readonly number[];
  /** [tokens] squared distance of what the cache holds from what was read whole, over its squared length. */
  readonly off: Float64Array;
}

/** The order in which the tokens of a chunk are computed anew. */
function orders(spliced: KVCache, whole: KVCache, at: number, seed: number): Record<Choice, number[]> {
  const { layers } = whole.store.config;
  const deeper = [...Array(layers).keys()].filter((layer) => layer >= layers / 2);
  const first = Array.from({ length: whole.length - at }, (_, i) => at + i);
  const mostOff = (some: readonly number[]) =>
    largest(deviations(spliced, whole, some).apart.subarray(at), first.length).map((i) => at + i);
  return {
    deviation: mostOff([1]),
    deep: mostOff(deeper),
    first,
    chance: shuffle(seeded(seed), first),
  };
}

/**
 * Puts a chunk that was read on its own behind the rest of its text, and computes some of it anew. The tokens that are kept keep their rows in all layers;
 * CacheBlend's code computes the first two layers of every token, as it looks for the deviation there.
 * @returns for each choice one for each of the shares
 */
export function blendsOf(
  model: Model,
  { words, at, question }: CutText,
  turned: boolean,
  seed: number,
): { readonly whole: readonly string[]; readonly made: Readonly<Record<Choice, readonly Blended[]>> } {
  const tokenizer = new Tokenizer(model.vocabulary);
  const [tokens, asked] = [tokenizer.encode(words), tokenizer.encode(question)];
  const [whole, spliced] = [readWhole(model, tokens), joined(model, tokens, at, { turned })];
  const right = answerFrom(model, whole, asked);
  const layers = [...Array(model.config.layers).keys()];
  const said = (list: readonly number[]) => tokenizer.decode(list.filter((token) => token !== model.config.stop));
  const blended = (computed: readonly number[]): Blended => {
    const cache = recompute(model, tokens, spliced, (token) => computed.includes(token));
    const answer = answerFrom(model, cache, asked);
    const off = deviations(cache, whole, layers).relative;
    cache.release();
    const kl = divergence(logSoftmax(right.logits[0]!), answer.logits[0]!);
    return { answer: said(answer.tokens), same: sameTokens(answer, right), kl, computed, off };
  };
  const order = orders(spliced, whole, at, seed);
  // None and all are the same whatever is chosen.
  const [none, all] = [blended([]), blended(order.first)];
  const made = (choice: Choice) =>
    shares.map((share) => {
      const count = Math.round(share * order[choice].length);
      return share === 0 ? none : share === 1 ? all : blended(order[choice].slice(0, count));
    });
  const found = { deviation: made('deviation'), deep: made('deep'), first: made('first'), chance: made('chance') };
  whole.release();
  spliced.release();
  return { whole: said(right.tokens), made: found };
}
