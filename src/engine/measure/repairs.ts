import { answerFrom, sameTokens, type Answered } from '../answer-from.ts';
import type { KVCache } from '../cache/kv-cache.ts';
import type { Model } from '../model/model.ts';
import { Tokenizer } from '../model/tokenizer.ts';
import { seeded, shuffle } from '../random.ts';
import { readWhole, recompute } from '../recompute.ts';
import type { Edit } from '../world/edits.ts';
import { deviations, largest } from './deviation.ts';

/**
 * What is done to a cache when one word of its text is corrected. Bojie Li, "Models Take Notes at Prefill" (arXiv 2606.17107) names stale, field, the field
 * with the K positions that matter most, the erratum and the full recompute; as many positions by chance are what the K are compared with.
 */
export const repairs = ['stale', 'field', 'erratum', 'both', 'chance', 'chosen', 'full'] as const;
export type Repair = (typeof repairs)[number];

export interface Repaired {
  readonly answer: readonly string[];
  /** Whether that is the answer of the cache that was read anew. */
  readonly same: boolean;
  /**
   * (z - z of the stale cache) / (z of the full recompute - z of the stale cache): 0 as stale, 1 as read anew. z is by how much the logit of the new answer's
   * first word exceeds that of the old answer's; undefined where both begin alike.
   */
  readonly recovery: number | undefined;
  /** Tokens of the text that were computed, ascending, and how many with those of an erratum. */
  readonly computed: readonly number[];
  readonly cost: number;
  /** [tokens] squared distance of what the cache holds from what was read anew, over its squared length. */
  readonly off: Float64Array;
}

export interface Repairs {
  readonly made: Readonly<Record<Repair, Repaired>>;
  /** The sentence that the erratum repeats: the fact's, with the new word. */
  readonly erratum: readonly string[];
}

/** Tokens behind the corrected one that each repair computes as well. */
function positions(stale: KVCache, full: KVCache, at: number, count: number, seed: number) {
  const { layers } = full.store.config;
  const { apart } = deviations(stale, full, [...Array(layers).keys()]);
  const later = Array.from({ length: full.length - at - 1 }, (_, i) => at + 1 + i);
  const affected = largest(apart.subarray(at + 1), count).map((i) => at + 1 + i);
  return { later, affected, chance: shuffle(seeded(seed), later).slice(0, count) };
}

/** Tries every repair on a cached text. @param count K @param seed of what is left to chance */
export function repairsOf(
  model: Model,
  { before, after, at, sentence, question }: Edit,
  count: number,
  seed: number,
): Repairs {
  const tokenizer = new Tokenizer(model.vocabulary);
  const [tokens, asked] = [tokenizer.encode(after), tokenizer.encode(question)];
  const erratum = after.slice(...sentence);
  const line = tokenizer.encode(erratum);
  const [stale, full] = [readWhole(model, tokenizer.encode(before)), readWhole(model, tokens)];
  const { later, affected, chance } = positions(stale, full, at, count, seed);
  const [old, right] = [answerFrom(model, stale, asked), answerFrom(model, full, asked)];
  const layers = [...Array(model.config.layers).keys()];
  const repaired = (chosen: readonly number[], behind: readonly number[] = []): Repaired => {
    const cache = recompute(model, tokens, stale, (token) => chosen.includes(token));
    const said = answerFrom(model, cache, [...behind, ...asked]);
    const off = deviations(cache, full, layers).relative;
    cache.release();
    return {
      answer: tokenizer.decode(said.tokens.filter((token) => token !== model.config.stop)),
      same: sameTokens(said, right),
      recovery: recoveryOf(said, old, right),
      computed: [...chosen].sort((a, b) => a - b),
      cost: chosen.length + behind.length,
      off,
    };
  };
  const made = {
    stale: repaired([]),
    field: repaired([at]),
    erratum: repaired([], line),
    both: repaired([at], line),
    chance: repaired([at, ...chance]),
    chosen: repaired([at, ...affected]),
    full: repaired([at, ...later]),
  };
  stale.release();
  full.release();
  return { made, erratum };
}

function recoveryOf(said: Answered, old: Answered, right: Answered): number | undefined {
  const [before, after] = [old.tokens[0]!, right.tokens[0]!];
  if (before === after) return undefined;
  const z = ({ logits: [first] }: Answered) => first![after]! - first![before]!;
  return (z(said) - z(old)) / (z(right) - z(old));
}
