import { chainOf } from './hash-chain.ts';
import { blockSize } from './pool.ts';
import { mostHits, type Token } from './prefix-cache.ts';

/**
 * Which earlier text holds the beginning of a new one, by the hash chain of their blocks. It names a holder and no blocks: what a lane takes over is
 * more than blocks (columns, queries), and a lane may write into its blocks, so the pool cannot promise what is in them.
 */
export class PrefixIndex<T> {
  readonly #holders = new Map<string, T>();

  /** The first who registers a block keeps it. */
  register(tokens: readonly Token[], holder: T): void {
    for (const hash of chainOf(tokens, blockSize)) if (!this.#holders.has(hash)) this.#holders.set(hash, holder);
  }

  /** The longest run of full blocks, from the start, that is there. */
  lookup(tokens: readonly Token[]): { holder: T; tokens: number } | undefined {
    const hashes = chainOf(tokens, blockSize).slice(0, mostHits(tokens.length, blockSize));
    const found = hashes.findLastIndex((hash) => this.#holders.has(hash));
    return found < 0 ? undefined : { holder: this.#holders.get(hashes[found]!)!, tokens: (found + 1) * blockSize };
  }
}
