/** The words of a word-level model: what its `tokenizer.json` says. */
export class Vocabulary {
  /** By token id. */
  readonly words: readonly string[];
  readonly unknown: number;
  /** Ids of tokens that stand for words outside the vocabulary, in order; a model may have none. */
  readonly free: readonly number[];
  readonly #ids: ReadonlyMap<string, number>;
  readonly #free: ReadonlySet<number>;

  constructor(words: readonly string[], unknown = '<unk>') {
    this.words = words;
    this.#ids = new Map(words.map((word, id) => [word, id]));
    this.unknown = this.#ids.get(unknown) ?? -1;
    this.free = [...words.keys()].filter((id) => /^<w\d+>$/.test(words[id]!));
    this.#free = new Set(this.free);
  }

  /** @throws Error when the file is not a WordLevel tokenizer whose ids are 0, 1, 2, ..., with a token for unknown words */
  static read(id: string, json: unknown): Vocabulary {
    const fail = (problem: string): never => {
      throw new Error(`tokenizer.json of ${id}: ${problem}.`);
    };
    const model = (json as { model?: { type?: unknown; vocab?: unknown; unk_token?: unknown } } | null)?.model;
    if (model?.type !== 'WordLevel' || typeof model.vocab !== 'object' || model.vocab === null) {
      return fail(`only WordLevel tokenizers are read, found ${JSON.stringify(model?.type)}`);
    }
    const byId = new Map(Object.entries(model.vocab).map(([word, at]) => [at as unknown, word]));
    // As many ids as words: one that is given twice, or is no whole number, leaves a gap.
    const count = Object.keys(model.vocab).length;
    const words = Array.from({ length: count }, (_, at) => byId.get(at) ?? fail(`no word has the id ${at}`));
    const vocabulary = new Vocabulary(words, typeof model.unk_token === 'string' ? model.unk_token : undefined);
    return vocabulary.unknown < 0 ? fail('no token stands for unknown words') : vocabulary;
  }

  id(word: string): number | undefined {
    return this.#ids.get(word);
  }

  isFree(id: number): boolean {
    return this.#free.has(id);
  }
}

/**
 * Words to token ids for one document. A word outside the vocabulary is bound to the next free token and keeps it for the
 * rest of the document, so the model can retrieve names it never saw. When none is left, a word becomes <unk>.
 */
export class Tokenizer {
  /** Words that found no free token, in order of appearance. */
  readonly overflow = new Set<string>();
  readonly vocabulary: Vocabulary;
  readonly #bound = new Map<string, number>();

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary;
  }

  encode(words: readonly string[]): number[] {
    return words.map((word) => this.vocabulary.id(word) ?? this.#bound.get(word) ?? this.#bind(word));
  }

  decode(tokens: readonly number[]): string[] {
    const words = new Map([...this.#bound].map(([word, id]) => [id, word]));
    return tokens.map((id) => words.get(id) ?? this.vocabulary.words[id] ?? '<unk>');
  }

  #bind(word: string): number {
    const id = this.vocabulary.free[this.#bound.size];
    if (id === undefined) {
      this.overflow.add(word);
      return this.vocabulary.unknown;
    }
    this.#bound.set(word, id);
    return id;
  }
}
