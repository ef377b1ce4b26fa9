import { blockSize } from '../paging/pool.ts';
import type { Store } from './store.ts';

/**
 * What one lane holds: per head a list of slots, ragged because heads may keep different tokens. The slot of a token is the
 * same in every head; a head that drops the token only forgets the slot. Blocks are shared with the lane it was forked from.
 */
export class LaneCache {
  readonly store: Store;
  readonly capacity: number;
  /** Tokens seen so far, which is the next token's position. */
  length = 0;
  readonly #table: number[] = []; // block of each 16 positions, -1 once nothing in it is held
  readonly #slots: Int32Array; // [heads, capacity], in the kernels' memory
  readonly #positions: Int32Array; // [heads, capacity], parallel to #slots, ascending
  readonly #counts: Int32Array; // [heads]

  constructor(store: Store, capacity: number) {
    this.store = store;
    this.capacity = capacity;
    this.#slots = store.kernels.ints(store.heads * capacity);
    this.#positions = new Int32Array(store.heads * capacity);
    this.#counts = new Int32Array(store.heads);
  }

  get blocks(): readonly number[] {
    return this.#table;
  }
  count(head: number): number {
    return this.#counts[head]!;
  }
  slots(head: number): Int32Array {
    return this.#slots.subarray(head * this.capacity, (head + 1) * this.capacity);
  }
  /** Ascending positions that the head holds. */
  positions(head: number): Int32Array {
    return this.#positions.subarray(head * this.capacity, head * this.capacity + this.count(head));
  }

  slotOf(position: number): number {
    return this.#table[Math.floor(position / blockSize)]! * blockSize + (position % blockSize);
  }

  /** Makes room for the next token in every head. @returns its slot. @throws Error when the lane or the pool is full */
  append(): number {
    if (this.length >= this.capacity) throw new Error(`This lane holds at most ${this.capacity} tokens.`);
    const position = this.length;
    this.#ownTail(position);
    this.length++;
    const slot = this.slotOf(position);
    for (let head = 0; head < this.store.heads; head++) {
      const at = head * this.capacity + this.#counts[head]!++;
      this.#slots[at] = slot;
      this.#positions[at] = position;
    }
    return slot;
  }

  /** A new block for a first slot; a copy of a shared one before writing into it (copy-on-write, arXiv 2309.06180, section 4.4). */
  #ownTail(position: number): void {
    const index = Math.floor(position / blockSize);
    const block = this.#table[index];
    if (block === undefined || block < 0) this.#table[index] = this.store.pool.allocate();
    else if (this.store.pool.references(block) > 1) this.#copyBlock(index);
  }

  /** Own copies of every block still in the table, for a lane that rewrites what it holds. */
  ownAll(): void {
    this.#table.forEach((block, index) => {
      if (block >= 0 && this.store.pool.references(block) > 1) this.#copyBlock(index);
    });
  }

  #copyBlock(index: number): void {
    const { store } = this;
    const from = this.#table[index]! * blockSize;
    const to = store.pool.allocate() * blockSize;
    const d = store.config.headDim;
    for (let head = 0; head < store.heads; head++) {
      store.keys(head).copyWithin(to * d, from * d, (from + blockSize) * d);
      store.values(head).copyWithin(to * d, from * d, (from + blockSize) * d);
      const slots = this.slots(head);
      for (let i = 0; i < this.count(head); i++) {
        if (slots[i]! >= from && slots[i]! < from + blockSize) slots[i] = slots[i]! - from + to;
      }
    }
    store.pool.release(this.#table[index]!);
    this.#table[index] = to / blockSize;
  }

  /** Drops everything in `head` but the given ascending positions, which it must hold. */
  keep(head: number, positions: ArrayLike<number>): void {
    const base = head * this.capacity;
    for (let i = 0; i < positions.length; i++) {
      this.#positions[base + i] = positions[i]!;
      this.#slots[base + i] = this.slotOf(positions[i]!);
    }
    this.#counts[head] = positions.length;
  }

  /** Gives back the blocks in which no head holds anything. The last block stays while it has room for the next token. */
  reclaim(): number[] {
    const held = new Uint8Array(this.#table.length);
    for (let head = 0; head < this.store.heads; head++) {
      const positions = this.positions(head);
      for (let i = 0; i < positions.length; i++) held[Math.floor(positions[i]! / blockSize)] = 1;
    }
    const tail = this.length % blockSize ? Math.floor(this.length / blockSize) : -1;
    const freed: number[] = [];
    this.#table.forEach((block, index) => {
      if (block < 0 || held[index] || index === tail) return;
      this.store.pool.release(block);
      this.#table[index] = -1;
      freed.push(index);
    });
    return freed;
  }

  /** Becomes what `other` is, sharing its blocks. What this lane held before is let go. */
  fork(other: LaneCache): void {
    other.#table.forEach((block) => {
      if (block >= 0) this.store.pool.share(block);
    });
    this.clear();
    this.#table.push(...other.#table);
    this.length = other.length;
    for (let head = 0; head < this.store.heads; head++) {
      const count = other.count(head);
      this.#counts[head] = count;
      this.slots(head).set(other.slots(head).subarray(0, count));
      this.#positions.set(other.positions(head), head * this.capacity);
    }
  }

  /** Forgets the tokens from `length` on, as after a rejected draft. */
  truncate(length: number): void {
    for (let head = 0; head < this.store.heads; head++) {
      const positions = this.positions(head);
      let count = positions.length;
      while (count && positions[count - 1]! >= length) count--;
      this.#counts[head] = count;
    }
    for (const block of this.#table.splice(Math.ceil(length / blockSize)))
      if (block >= 0) this.store.pool.release(block);
    this.length = length;
  }

  clear(): void {
    this.truncate(0);
  }
}
