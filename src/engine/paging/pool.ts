/** Tokens per block, as in vLLM's default. A block holds the slots of its tokens in every layer and KV head. */
export const blockSize = 16;

/**
 * A pool of fixed blocks with reference counts (PagedAttention, arXiv 2309.06180, section 4). Lanes that fork a prompt share its
 * blocks; a block returns to the pool when its last holder lets go. The free list is taken in order, so runs repeat exactly.
 */
export class BlockPool {
  readonly #references: number[] = [];
  readonly #free: number[] = [];

  constructor(size = 0) {
    this.grow(size);
  }

  get size(): number {
    return this.#references.length;
  }

  get free(): number {
    return this.#free.length;
  }

  references(block: number): number {
    return this.#references[block]!;
  }

  /** Adds free blocks, to be taken in the order of their numbers. @returns the number of the first */
  grow(count: number): number {
    const first = this.size;
    for (let block = first + count - 1; block >= first; block--) this.#free.push(block);
    for (let i = 0; i < count; i++) this.#references.push(0);
    return first;
  }

  /** @throws Error when no block is free */
  allocate(): number {
    const block = this.#free.pop();
    if (block === undefined) throw new Error(`The pool of ${this.size} blocks is full.`);
    this.#references[block] = 1;
    return block;
  }

  /** @throws Error when nobody holds the block */
  share(block: number): void {
    if (!this.#references[block]) throw new Error(`Block ${block} is free and cannot be shared.`);
    this.#references[block]!++;
  }

  /** @throws Error when nobody holds the block */
  release(block: number): void {
    if (!this.#references[block]) throw new Error(`Block ${block} is already free.`);
    if (--this.#references[block]! === 0) this.#free.push(block);
  }
}
