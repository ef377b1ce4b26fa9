import type { Emit } from '../events.ts';
import { blockSize } from '../paging/pool.ts';
import type { Store } from './store.ts';

/**
 * Which block of the pool holds each 16 slots of a lane (PagedAttention's block table, arXiv 2309.06180, section 4.2); -1 where none does any more.
 */
export class BlockTable {
  readonly blocks: number[] = [];
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The store's row of a slot in a head. */
  row(slot: number, head: number): number {
    return this.#store.row(this.blocks[Math.floor(slot / blockSize)]!, head) + (slot % blockSize);
  }

  /**
   * Takes a block where there is none, and a copy of one that others hold too (copy-on-write, section 4.4).
   * @returns whether it was copied, so that rows lie elsewhere now
   */
  own(index: number, emit: Emit): boolean {
    const { pool } = this.#store;
    const block = this.blocks[index] ?? -1;
    if (block >= 0 && pool.references(block) === 1) return false;
    const fresh = this.#store.allocate();
    while (this.blocks.length < index) this.blocks.push(-1);
    this.blocks[index] = fresh;
    emit({ type: 'allocate', index, block: fresh });
    if (block < 0) return false;
    this.#store.copyBlock(block, fresh);
    pool.release(block);
    return true;
  }

  release(index: number, emit: Emit): void {
    const block = this.blocks[index]!;
    if (block < 0) return;
    this.#store.pool.release(block);
    this.blocks[index] = -1;
    emit({ type: 'free', index, block });
  }

  /** Gives back every block from `length` on. */
  shorten(length: number, emit: Emit): void {
    for (let index = length; index < this.blocks.length; index++) this.release(index, emit);
    this.blocks.length = Math.min(this.blocks.length, length);
  }

  /** Holds the first `count` blocks of another table as well. */
  share(other: BlockTable, count = other.blocks.length): void {
    for (const block of other.blocks.slice(0, count)) {
      if (block >= 0) this.#store.pool.share(block);
      this.blocks.push(block);
    }
  }
}
