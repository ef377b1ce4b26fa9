import { vocabulary } from './vocabulary.ts';

const vocabularySet = new Set(vocabulary);

/** What a reader typed, as words of the model's alphabet, with a sentence for everything that was changed. */
export interface Typed {
  readonly words: readonly string[];
  /** Words that the model does not know and that were typed with a capital: they are printed so. */
  readonly capitals: readonly string[];
  readonly problems: readonly string[];
}

const word = /[\p{L}\p{N}](?:[\p{L}\p{N}'’-]*[\p{L}\p{N}])?|[.,?:]/gu;

/** Marks that end a sentence or part it become the nearest of the four that the model knows. */
const nearest: Readonly<Record<string, string>> = { '!': '.', ';': ',', '…': '.', '—': ',', '–': ',' };

/**
 * Splits typed text into words and the punctuation that the model knows (. , ? :), in lower case.
 * @param most words at most; the rest is left out and said so
 */
export function readTyped(text: string, most: number): Typed {
  const marked = text.normalize('NFC').replace(/[!;…—–]/gu, (mark) => nearest[mark]!);
  const known = marked.toLowerCase();
  const all = known.match(word) ?? [];
  const capitals = (marked.match(word) ?? [])
    .filter((one) => /^\p{Lu}/u.test(one))
    .map((one) => one.toLowerCase())
    .filter((one) => !vocabularySet.has(one));
  const left = known.replace(word, '').replace(/\s+/gu, '');
  const problems: string[] = [];
  if (left)
    problems.push(
      `These characters mean nothing to the model and were left out: ${[...new Set(left)].slice(0, 8).join(' ')}`,
    );
  if (all.length > most) problems.push(`The text has ${all.length} words and marks; only the first ${most} were read.`);
  return { words: all.slice(0, most), capitals: [...new Set(capitals)], problems };
}

/** A question ends with a question mark; one that was typed without gets it. */
export function readQuestion(text: string, most: number): Typed {
  const typed = readTyped(text, most - 1);
  const words = typed.words.filter((one) => one !== '?');
  return { words: words.length ? [...words, '?'] : [], capitals: typed.capitals, problems: typed.problems };
}
