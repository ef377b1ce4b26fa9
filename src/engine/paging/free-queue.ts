/**
 * Free blocks in the order in which they will be taken: a doubly linked list, as a block that is asked for again must leave the middle of it at once.
 * As vLLM's FreeKVCacheBlockQueue. Links lie at block + 1; place 0 closes the ring.
 */
export class FreeQueue {
  readonly #next: number[] = [0];
  readonly #previous: number[] = [0];
  length = 0;

  /** Adds a block at the head: it is taken next. */
  unshift(block: number): void {
    this.#link(0, block + 1, this.#next[0]!);
  }

  /** Adds a block at the tail: it is taken last. */
  push(block: number): void {
    this.#link(this.#previous[0]!, block + 1, 0);
  }

  /** The block at the head, if there is one. */
  get head(): number | undefined {
    return this.length ? this.#next[0]! - 1 : undefined;
  }

  /** Takes the block at the head, if there is one. */
  shift(): number | undefined {
    const { head } = this;
    if (head !== undefined) this.remove(head);
    return head;
  }

  /** Takes out a block that is in the queue. */
  remove(block: number): void {
    const [before, after] = [this.#previous[block + 1]!, this.#next[block + 1]!];
    this.#next[before] = after;
    this.#previous[after] = before;
    this.length--;
  }

  /** All blocks, head first. */
  list(): number[] {
    const blocks: number[] = [];
    for (let at = this.#next[0]!; at; at = this.#next[at]!) blocks.push(at - 1);
    return blocks;
  }

  #link(before: number, at: number, after: number): void {
    this.#previous[at] = before;
    this.#next[at] = after;
    this.#next[before] = at;
    this.#previous[after] = at;
    this.length++;
  }
}
