import type { Kept } from '../budget/types.ts';
import type { Future } from '../layer-view.ts';

/**
 * The share of the attention that the answer pays to the prompt under the full cache, of all layers and heads together, that lands on tokens a lane still
 * holds. 1 where nothing was dropped. It is not made into shares of a row: a head that looks past the prompt, with a trillionth left for it, would count as
 * much as one that reads the answer there, and its trillionth is noise. With the same number of tokens in every head, nothing keeps more than the oracle,
 * which ranks by this very sum.
 */
export function attentionKept(future: Future, kept: Kept): number {
  let [all, held] = [0, 0];
  kept.flat().forEach((tokens, head) => {
    const looks = future[head]!;
    for (let j = 0; j < looks.length; j++) all += looks[j]!;
    for (let j = 0; j < tokens.length; j++) held += looks[tokens[j]!]!;
  });
  return all > 0 ? Math.min(1, held / all) : 1;
}
