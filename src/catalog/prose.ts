import { wordsOf } from './words.ts';
import { headings } from './template.ts';

export const fewest = 250;
export const most = 650;

export const countWords = (markdown: string) =>
  wordsOf(markdown)
    .split(' ')
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** What is wrong with the text of an entry, in sentences. */
export function proseProblems(markdown: string): string[] {
  const found = [...markdown.matchAll(/^## +(.*?) *$/gm)].map(([, heading]) => heading);
  const words = countWords(markdown);
  return [
    ...(found.join('\n') === headings.join('\n')
      ? []
      : [`The headings are ${found.join(', ')}; they should be ${headings.join(', ')}.`]),
    ...(words < fewest || words > most ? [`It has ${words} words; it should have ${fewest} to ${most}.`] : []),
    ...(/\bTODO\b/.test(markdown) ? ['A TODO is left.'] : []),
  ];
}
