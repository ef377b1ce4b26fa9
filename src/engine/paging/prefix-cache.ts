import type { BlockPool } from './pool.ts';

/** A token by its number, or a word where a picture wants to show it; only equality counts. */
export type Token = number | string;

/** What keeps equal texts apart: a key of all blocks (a LoRA adapter, an image), and a salt of the first one. */
export interface Keys {
  readonly extra?: string;
  readonly salt?: string;
}

/** What the block manager knows of a request. */
export interface Request {
  readonly tokens: Token[];
  /** The request's block table: block i holds tokens [i * blockSize, (i + 1) * blockSize). */
  readonly blocks: number[];
  /** Hashes of its full blocks, where a cache works with hashes. */
  readonly hashes: string[];
  readonly keys: Keys;
}

/** "Which blocks hold the beginning of this text already?" Found by a chain of hashes, or in a tree over the tokens. */
export interface PrefixCache {
  /** Blocks that hold the longest known beginning of the tokens, in whole blocks. */
  lookup(tokens: readonly Token[], keys: Keys): readonly number[];
  /** The request's full blocks from `from` on have been computed. */
  enter(request: Request, from: number): void;
  /** How many blocks could be taken while `hits` are held. */
  room(hits: readonly number[]): number;
  /** Gives back at least this many blocks, which `room` has promised. */
  makeRoom?(blocks: number): void;
}

/** Without prefix caching: nothing is found, and nothing is remembered. */
export const noPrefixCache = (pool: BlockPool): PrefixCache => ({
  lookup: () => [],
  enter: () => undefined,
  room: () => pool.free,
});

/**
 * Blocks of a text that a lookup may find: the last token is always computed again, as its logits are wanted. So a text that is known to its end computes
 * its last full block anew.
 */
export const mostHits = (tokens: number, blockSize: number): number =>
  Math.max(0, Math.floor((tokens - 1) / blockSize));
