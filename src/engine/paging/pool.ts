/** Tokens per block, as in vLLM's default. A block holds the slots of its tokens in every layer and KV head. */
export const blockSize = 16;

/**
 * A pool of fixed blocks with reference counts (PagedAttention, arXiv 2309.06180, section 4). Lanes that fork a prompt share its
 * blocks; a block returns to the pool when its last holder lets go. The free list is taken in order, so runs repeat exactly.
 */
export class BlockPool {
  readonly size: number;
  readonly #references: Uint16Array;
  readonly #free: number[];

  constructor(size: number) {
    this.size = size;
    this.#references = new Uint16Array(size);
    this.#free = Array.from({ length: size }, (_, i) => size - 1 - i);
  }

  get free(): number {
    return this.#free.length;
  }

  references(block: number): number {
    return this.#references[block]!;
  }

  /** @throws Error when no block is free */
  allocate(): number {
    const block = this.#free.pop();
    if (block === undefined) throw new Error(`The pool of ${this.size} blocks is full.`);
    this.#references[block] = 1;
    return block;
  }

  share(block: number): void {
    if (!this.#references[block]) throw new Error(`Block ${block} is free and cannot be shared.`);
    this.#references[block]!++;
  }

  release(block: number): void {
    if (!this.#references[block]) throw new Error(`Block ${block} is already free.`);
    if (--this.#references[block]! === 0) this.#free.push(block);
  }
}
