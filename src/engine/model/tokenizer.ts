import { freeWords, vocabulary } from '../world/vocabulary.ts';

const ids = new Map(vocabulary.map((word, id) => [word, id]));
const firstFree = ids.get(freeWords[0]!)!;

export const bos = ids.get('<bos>')!;
export const stop = ids.get('.')!;
export const unknown = ids.get('<unk>')!;
export const isFree = (id: number) => id >= firstFree && id < firstFree + freeWords.length;

/**
 * Words to token ids for one document. A word outside the vocabulary is bound to the next free word and keeps it for the
 * rest of the document, so the model can retrieve names it never saw. The 65th such word becomes <unk>.
 */
export class Tokenizer {
  /** Words that found no free token, in order of appearance. */
  readonly overflow = new Set<string>();
  readonly #bound = new Map<string, number>();

  encode(words: readonly string[]): number[] {
    return words.map((word) => ids.get(word) ?? this.#bound.get(word) ?? this.#bind(word));
  }

  decode(tokens: readonly number[]): string[] {
    const words = new Map([...this.#bound].map(([word, id]) => [id, word]));
    return tokens.map((id) => words.get(id) ?? vocabulary[id] ?? '<unk>');
  }

  #bind(word: string): number {
    if (this.#bound.size === freeWords.length) {
      this.overflow.add(word);
      return unknown;
    }
    const id = firstFree + this.#bound.size;
    this.#bound.set(word, id);
    return id;
  }
}
