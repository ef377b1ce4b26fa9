import type { Kept } from '../budget/types.ts';
import type { Step } from '../live.ts';

/**
 * What of the answer's attention a lane still holds: under the full cache, of all that the heads pay to the prompt behind <bos> at one word of the answer,
 * the share that lands on entries which are kept; of the words of the answer, the worst. 1 where nothing was dropped.
 *
 * Heads that rest on <bos> have nothing to say here, and those that read count by how much they read; one word that cannot be looked up spoils an answer,
 * so the mean would hide what matters.
 * @param prompt tokens of the prompt
 */
export function attentionKept(steps: readonly Step[], stop: number, kept: Kept, prompt: number): number {
  const heads = kept.flat();
  const shares = steps.filter(({ token }) => token !== stop).map(({ looked }) => shareOf(looked!, heads, prompt));
  return Math.min(1, ...shares);
}

function shareOf({ looks, length }: NonNullable<Step['looked']>, heads: readonly Int32Array[], prompt: number): number {
  let [all, held] = [0, 0];
  heads.forEach((tokens, head) => {
    for (let at = head * length + 1; at < head * length + prompt; at++) all += looks[at]!;
    for (const token of tokens) if (token) held += looks[head * length + token]!;
  });
  return all > 0 ? held / all : 1;
}
