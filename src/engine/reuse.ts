import { answerOn } from './answer-from.ts';
import { KVCache } from './cache/kv-cache.ts';
import type { Model } from './model/model.ts';

/** A request as the model answered it. */
export interface Replied {
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
  /** For each token of the answer what it was chosen by, [vocabulary]. */
  readonly logits: readonly Float32Array[];
  /** Of the prompt and the answer but for its last token, whose key and value nobody computes. */
  readonly cache: KVCache;
}

/**
 * Reads a prompt, behind its first tokens where an earlier request left them, and writes an answer. The cache is the caller's to release.
 * @param earlier a request that begins with the first `found` tokens of the prompt
 * @param said an answer that it is made to give; its own where it is missing
 */
export function reply(
  model: Model,
  prompt: readonly number[],
  { earlier, found = 0, said }: { earlier?: Replied | undefined; found?: number; said?: readonly number[] } = {},
): Replied {
  const cache = new KVCache(model.store);
  if (earlier && found) cache.adopt(earlier.cache, found);
  const { tokens: answer, logits } = answerOn(model, cache, prompt.slice(cache.length), said);
  return { prompt, answer, logits, cache };
}

/**
 * Lets requests be answered once more, in their order, each behind the first tokens that it found, in the words that it used.
 * @param found for each request how many of its first tokens an earlier one has computed
 * @returns the largest difference of a logit
 * @throws Error when no earlier request begins with the tokens that one is said to have found
 */
export function replyAgain(model: Model, replies: readonly Replied[], found: readonly number[]): number {
  const again: Replied[] = [];
  try {
    for (const [i, { prompt, answer }] of replies.entries()) {
      const earlier = again.find((one) => beginsAlike([...one.prompt, ...one.answer.slice(0, -1)], prompt, found[i]!));
      if (!earlier && found[i]) throw new Error(`No request before ${i} begins with ${found[i]} of its tokens.`);
      again.push(reply(model, prompt, { earlier, found: found[i]!, said: answer }));
    }
    return Math.max(0, ...again.map((one, i) => apart(one, replies[i]!)));
  } finally {
    for (const { cache } of again) cache.release();
  }
}

const beginsAlike = (a: readonly number[], b: readonly number[], count: number) =>
  a.length >= count && b.slice(0, count).every((token, i) => token === a[i]);

/** Infinity where one of them is no number. */
const apart = (a: Replied, b: Replied): number =>
  a.logits
    .flatMap((row, k) => Array.from(row, (x, i) => Math.abs(x - b.logits[k]![i]!)))
    .reduce((most, x) => (x <= most ? most : Number.isNaN(x) ? Infinity : x), 0);
