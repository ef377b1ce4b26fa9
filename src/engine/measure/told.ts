import type { Kept } from '../budget/types.ts';
import type { Prompt } from '../prompt.ts';

/** Positions of the answer's own words where the text tells them; of a rule, which tells no answer, all that it says. */
export function toldAt({ words, turns }: Prompt): readonly number[] {
  const { needed = [], answer = [] } = turns[0]!.question;
  const told = needed.filter((position) => answer.includes(words[position]!));
  return told.length ? told : needed;
}

/**
 * Share of the slots of these words that are held: the ink that a figure gives them, mean over the words.
 * @param worth [heads] how much each head's slot counts; all alike where it is missing
 */
export function inkOfWords(kept: Kept, words: readonly number[], worth?: readonly number[]): number {
  const wanted = new Set(words);
  let [all, held] = [0, 0];
  kept.flat().forEach((tokens, head) => {
    const weight = worth?.[head] ?? 1;
    all += weight * words.length;
    for (const token of tokens) if (wanted.has(token)) held += weight;
  });
  return held / all;
}
