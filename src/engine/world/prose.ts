import { people } from './vocabulary.ts';

const names = new Set<string>(people);
const closing = new Set(['.', ',', '?', ':']);

/** A word as it is printed: how it is spelled here, and whether a space stands before it. */
export interface Printed {
  readonly text: string;
  readonly space: boolean;
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/**
 * Words of the closed, lower-case vocabulary as prose: capitals for sentences and names, no space before punctuation.
 * @param capitals further words that are names
 */
export function prose(words: readonly string[], capitals: readonly string[] = []): Printed[] {
  let start = true;
  return words.map((word, i) => {
    if (word === '<bos>') return { text: '', space: false };
    const text = start || names.has(word) || word === 'i' || capitals.includes(word) ? capital(word) : word;
    const turn = word === ':' && (words[i - 1] === 'visitor' || words[i - 1] === 'keeper');
    start = word === '.' || word === '?' || turn;
    return { text, space: !closing.has(word) && i > 0 && words[i - 1] !== '<bos>' };
  });
}

export const proseText = (words: readonly string[], capitals: readonly string[] = []) =>
  prose(words, capitals)
    .map(({ text, space }) => (space ? ` ${text}` : text))
    .join('')
    .trim();
