import type { EmitPool } from './events.ts';
import { hashChain } from './hash-chain.ts';
import type { BlockPool } from './pool.ts';
import { mostHits, type Keys, type PrefixCache, type Request, type Token } from './prefix-cache.ts';

/**
 * Requests and the blocks that hold them, as vLLM's block manager keeps them: a table for each request, beginnings that others have computed taken over,
 * copies only where somebody writes into what others hold too. Everything that does not fit fails as a whole and changes nothing.
 *
 * Forks and their copies are those of the PagedAttention paper (section 4.4) and vLLM's first block manager; the rest is as in its second.
 */
export class BlockManager {
  readonly pool: BlockPool;
  readonly blockSize: number;
  readonly #cache: PrefixCache;
  readonly #emit: EmitPool | undefined;
  readonly #requests = new Map<string, Request>();

  constructor(pool: BlockPool, blockSize: number, cache: PrefixCache = hashChain(pool, blockSize), emit?: EmitPool) {
    this.pool = pool;
    this.blockSize = blockSize;
    this.#cache = cache;
    this.#emit = emit;
  }

  /** Requests that hold blocks now, in the order in which they came. */
  get requests(): ReadonlyMap<string, Request> {
    return this.#requests;
  }

  /** A new request. @returns how many of its tokens were there already; undefined when it does not fit */
  add(name: string, tokens: readonly Token[], keys: Keys = {}): number | undefined {
    const { pool, blockSize } = this;
    const known = tokens.slice(0, mostHits(tokens.length, blockSize) * blockSize);
    const hits = this.#cache.lookup(known, keys);
    if (!this.#fits(Math.ceil(tokens.length / blockSize) - hits.length, hits)) return undefined;
    // Hits are held before anything is taken, so that none of them is taken.
    for (const block of hits) pool.share(block);
    const request = { tokens: [] as Token[], blocks: [...hits], hashes: [], keys };
    this.#requests.set(name, request);
    this.#write(request, tokens, hits.length);
    return hits.length * blockSize;
  }

  /** More tokens of a request. @returns how many blocks it took for them; undefined when they do not fit */
  append(name: string, tokens: readonly Token[]): number | undefined {
    const request = this.#requests.get(name)!;
    const full = Math.floor(request.tokens.length / this.blockSize);
    const copied = tokens.length > 0 && request.blocks.length > full && this.pool.references(request.blocks[full]!) > 1;
    const before = request.blocks.length;
    const need = Math.ceil((request.tokens.length + tokens.length) / this.blockSize) - before + Number(copied);
    if (!this.#fits(need, [])) return undefined;
    if (copied) this.#copy(request, full);
    this.#write(request, tokens, full);
    return need;
  }

  /** A second request with the same tokens, in the same blocks. */
  fork(name: string, from: string): void {
    const { tokens, blocks, hashes, keys } = this.#requests.get(from)!;
    for (const block of blocks) this.pool.share(block);
    this.#requests.set(name, { tokens: [...tokens], blocks: [...blocks], hashes: [...hashes], keys });
  }

  /** The request is over. Its last block is freed first, so that of what can be hit again the end goes before the beginning. */
  done(name: string): void {
    for (const block of this.#requests.get(name)!.blocks.toReversed()) this.pool.release(block);
    this.#requests.delete(name);
  }

  #fits(need: number, hits: readonly number[]): boolean {
    const room = this.#cache.room(hits);
    if (need <= room) return true;
    this.#emit?.({ type: 'refuse', blocks: need, free: room });
    return false;
  }

  #take(): number {
    if (!this.pool.free) this.#cache.makeRoom?.(1);
    return this.pool.allocate();
  }

  /** Copy-on-write: the last block is partly filled and others hold it too. Who holds it last writes in place. */
  #copy({ blocks }: Request, index: number): void {
    const from = blocks[index]!;
    this.pool.release(from);
    const to = (blocks[index] = this.#take());
    this.#emit?.({ type: 'copy', from, to });
  }

  /** @param full blocks of the request that are full already */
  #write(request: Request, tokens: readonly Token[], full: number): void {
    request.tokens.push(...tokens);
    while (request.blocks.length * this.blockSize < request.tokens.length) request.blocks.push(this.#take());
    this.#cache.enter(request, full);
  }
}
