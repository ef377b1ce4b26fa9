import { blockSize } from './pool.ts';

/**
 * Hashes of a prompt's full blocks, each covering all tokens up to its end, so that equal tokens behind different ones differ:
 *
 *     h_i = H(h_(i-1), tokens of block i)        FNV-1a over 32-bit words, twice with different seeds
 *
 * As vLLM's automatic prefix caching (block manager v1).
 */
export function blockHashes(tokens: readonly number[]): string[] {
  const hashes: string[] = [];
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  tokens.forEach((token, i) => {
    a = Math.imul(a ^ token, 0x01000193) >>> 0;
    b = Math.imul((b ^ token) + i, 0x85ebca6b) >>> 0;
    if ((i + 1) % blockSize === 0) hashes.push(`${a.toString(16)}-${b.toString(16)}`);
  });
  return hashes;
}

/** Which prompts' blocks are in the pool, by the hash chain of their tokens. */
export class PrefixIndex<T> {
  readonly #blocks = new Map<string, { holder: T; tokens: readonly number[] }>();

  /** The first who registers a block keeps it. */
  register(tokens: readonly number[], holder: T): void {
    for (const hash of blockHashes(tokens)) if (!this.#blocks.has(hash)) this.#blocks.set(hash, { holder, tokens });
  }

  /**
   * The longest run of full blocks, from the start, that is there. The last token is always computed again, as its logits are wanted: at most
   * floor((n - 1) / 16) blocks are found. Hashes are only asked first: the tokens decide.
   */
  lookup(tokens: readonly number[]): { holder: T; tokens: number } | undefined {
    const hashes = blockHashes(tokens.slice(0, -1));
    for (let blocks = hashes.length; blocks > 0; blocks--) {
      const found = this.#blocks.get(hashes[blocks - 1]!);
      const length = blocks * blockSize;
      if (found && tokens.slice(0, length).every((token, i) => token === found.tokens[i])) {
        return { holder: found.holder, tokens: length };
      }
    }
    return undefined;
  }
}
