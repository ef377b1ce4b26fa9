import type { EmitPool } from './events.ts';
import { FreeQueue } from './free-queue.ts';

/** Tokens per block, as in vLLM's default. A block holds the slots of its tokens in every layer and KV head. */
export const blockSize = 16;

/** Where a freed block without a hash waits: vLLM first put every block at the tail; later those that no lookup can find went to the front. */
export const freedEnds = ['tail', 'front'] as const;
export type FreedEnd = (typeof freedEnds)[number];

export interface PoolOptions {
  readonly unhashedTo?: FreedEnd;
  /** Block 0 is never handed out: it stands where a table has nothing to point to, as in vLLM v1. */
  readonly nullBlock?: boolean;
  /** Which of the free blocks is taken next, of a list that is not empty, head of the queue first; the head where it is missing. */
  readonly choose?: ((queue: readonly number[], pool: BlockPool) => number) | undefined;
  readonly emit?: EmitPool | undefined;
}

/**
 * A pool of fixed blocks with reference counts (PagedAttention, arXiv 2309.06180, section 4) and vLLM's free queue: blocks are taken from its head, and
 * a freed block with a hash goes to its tail, where it can be revived until its turn comes. Everything is in a fixed order, so runs repeat exactly.
 *
 * The memory of lanes and the block manager use this one class. A lane writes into its blocks, so none of its blocks has a hash, and freed ones go to the
 * front: memory that was used last is used first.
 */
export class BlockPool {
  readonly #references: number[] = [];
  readonly #hashes: (string | undefined)[] = [];
  /** Blocks that carry a hash, who was registered first in front. Several may: tables are append-only, so nobody is sent to a twin. */
  readonly #known = new Map<string, Set<number>>();
  readonly #free = new FreeQueue();
  readonly #unhashedTo: FreedEnd;
  readonly #choose: PoolOptions['choose'];
  readonly #emit: EmitPool | undefined;

  constructor(size = 0, { unhashedTo = 'front', nullBlock = false, choose, emit }: PoolOptions = {}) {
    this.#unhashedTo = unhashedTo;
    this.#choose = choose;
    this.#emit = emit;
    this.grow(size);
    if (nullBlock) this.#free.shift();
  }

  get size(): number {
    return this.#references.length;
  }

  get free(): number {
    return this.#free.length;
  }

  /** Free blocks, in the order in which they will be taken. */
  get queue(): number[] {
    return this.#free.list();
  }

  references(block: number): number {
    return this.#references[block]!;
  }

  hash(block: number): string | undefined {
    return this.#hashes[block];
  }

  /** The block that has carried a hash for longest, held or free. */
  find(hash: string): number | undefined {
    return this.#known.get(hash)?.values().next().value;
  }

  /** Adds free blocks behind the others, in the order of their numbers. @returns the number of the first */
  grow(count: number): number {
    const first = this.size;
    for (let block = first; block < first + count; block++) {
      this.#references.push(0);
      this.#hashes.push(undefined);
      this.#free.push(block);
    }
    return first;
  }

  /** Takes the block at the head of the queue. What it was known by is forgotten. @throws Error when no block is free */
  allocate(): number {
    if (!this.free) throw new Error(`The pool of ${this.size} blocks is full.`);
    const block = this.#next();
    this.#free.remove(block);
    this.#references[block] = 1;
    this.#emit?.({ type: 'take', block });
    this.#forget(block);
    return block;
  }

  /** One holder more. A free block that is still known by its hash is revived. @throws Error when it is free and unknown */
  share(block: number): void {
    if (!this.#references[block]) {
      if (this.#hashes[block] === undefined) throw new Error(`Block ${block} is free and cannot be shared.`);
      this.#free.remove(block);
    }
    const references = ++this.#references[block]!;
    this.#emit?.({ type: 'share', block, references });
  }

  /** @throws Error when nobody holds the block */
  release(block: number): void {
    if (!this.#references[block]) throw new Error(`Block ${block} is already free.`);
    const references = --this.#references[block]!;
    this.#emit?.({ type: 'release', block, references });
    if (references) return;
    const end = this.#hashes[block] === undefined ? this.#unhashedTo : 'tail';
    if (end === 'front') this.#free.unshift(block);
    else this.#free.push(block);
    this.#emit?.({ type: 'free', block, end });
  }

  /** From now on the block is found by this hash, which says what is in it and in all blocks before it. */
  register(block: number, hash: string): void {
    this.#hashes[block] = hash;
    const known = this.#known.get(hash);
    if (known) known.add(block);
    else this.#known.set(hash, new Set([block]));
    this.#emit?.({ type: 'register', block, hash });
  }

  #next(): number {
    return this.#choose?.(this.queue, this) ?? this.#free.head!;
  }

  #forget(block: number): void {
    const hash = this.#hashes[block];
    if (hash === undefined) return;
    this.#hashes[block] = undefined;
    const known = this.#known.get(hash)!;
    known.delete(block);
    if (!known.size) this.#known.delete(hash);
    this.#emit?.({ type: 'evict', block, hash });
  }
}
