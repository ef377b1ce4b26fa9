import { BlockManager } from './block-manager.ts';
import type { PoolEvent } from './events.ts';
import { Foresight } from './foresight.ts';
import { chainOf, hashChain } from './hash-chain.ts';
import { BlockPool } from './pool.ts';
import { mostHits, noPrefixCache, type Token } from './prefix-cache.ts';

/** Whether beginnings are found again: no; yes, and what rested longest goes first; yes, and what is asked for last goes first. */
export const cachings = ['off', 'on', 'oracle'] as const;
export type Caching = (typeof cachings)[number];

/** A request with what is written behind its prompt. */
export interface Spoken {
  readonly prompt: readonly Token[];
  readonly written: readonly Token[];
}

/** What a request found in the pool, and what became of what it left there. */
export interface Pooled {
  /** Tokens of the prompt that were there. */
  readonly found: number;
  /** Tokens behind them that had been computed before, and were lost since. */
  readonly lost: number;
  /** Blocks that were taken for this request although a look-up would still have found them. */
  readonly evicted: number;
  /** For each of its blocks the first request after which nobody can find it any more; Infinity where that never comes. */
  readonly until: readonly number[];
}

/**
 * Serves requests one after the other from one pool: each is added, writes its answer, and ends.
 * @throws Error when a request does not fit into the whole pool
 */
export function servePool(requests: readonly Spoken[], blocks: number, blockSize: number, caching: Caching): Pooled[] {
  const server = new Server(requests, blocks, blockSize, caching);
  return requests.map((_, i) => server.serve(i));
}

class Server {
  readonly #requests: readonly Spoken[];
  readonly #blockSize: number;
  readonly #pool: BlockPool;
  readonly #manager: BlockManager;
  /** Hashes that each request looks up, in order. */
  readonly #chains: readonly (readonly string[])[];
  readonly #foresight: Foresight;
  /** Hashes of all that was ever computed. */
  readonly #known = new Set<string>();
  /** Who filled each block last. */
  readonly #owners = new Map<number, { readonly until: number[]; readonly at: number }>();
  #events: PoolEvent[] = [];

  constructor(requests: readonly Spoken[], blocks: number, blockSize: number, caching: Caching) {
    this.#requests = requests;
    this.#blockSize = blockSize;
    this.#chains = requests.map(({ prompt: { length }, prompt }) =>
      chainOf(prompt, blockSize).slice(0, mostHits(length, blockSize)),
    );
    this.#foresight = new Foresight(this.#chains);
    const emit = (event: PoolEvent) => this.#events.push(event);
    const choose = caching === 'oracle' ? this.#foresight.choose : undefined;
    const pool = (this.#pool = new BlockPool(blocks, { emit, choose }));
    const cache = caching === 'off' ? noPrefixCache(pool) : hashChain(pool, blockSize);
    this.#manager = new BlockManager(pool, blockSize, cache);
  }

  serve(i: number): Pooled {
    this.#events = [];
    this.#foresight.served(i);
    const { found, table } = this.#write(i);
    for (const event of this.#events) if (event.type === 'take') this.#gone(event.block, i);
    const until = table.map(() => Infinity);
    table.forEach((block, at) => {
      if (at >= found / this.#blockSize) this.#owners.set(block, { until, at });
      // What is not full has no name, so that nobody finds it.
      if (this.#pool.hash(block) === undefined) this.#gone(block, i + 1);
    });
    const evicted = this.#events.filter(({ type }) => type === 'evict').length;
    return { found, lost: this.#computedBefore(i) - found, evicted, until };
  }

  /** @returns tokens that were there, and all blocks that the request held */
  #write(i: number): { found: number; table: readonly number[] } {
    const { prompt, written } = this.#requests[i]!;
    const found = this.#manager.add('', prompt);
    if (found === undefined || this.#manager.append('', written) === undefined)
      throw new Error(`Request ${i} does not fit into ${this.#pool.size} blocks of ${this.#blockSize}.`);
    const table = [...this.#manager.requests.get('')!.blocks];
    this.#manager.done('');
    return { found, table };
  }

  #gone(block: number, request: number): void {
    const owner = this.#owners.get(block);
    if (owner) owner.until[owner.at] = request;
    this.#owners.delete(block);
  }

  /** Tokens of a prompt, in whole blocks, that an endless pool would have found; then the request is one of those that came. */
  #computedBefore(i: number): number {
    const { prompt, written } = this.#requests[i]!;
    const before = this.#chains[i]!.findLastIndex((hash) => this.#known.has(hash)) + 1;
    for (const hash of chainOf([...prompt, ...written], this.#blockSize)) this.#known.add(hash);
    return before * this.#blockSize;
  }
}
