import type { PoolOptions } from './pool.ts';

/**
 * The choice of who knows what will be asked: of the free blocks it takes the one that is looked up again last, or never (Belady, IBM Systems Journal 5,
 * 1966). A block is looked up behind all blocks before it, so of one text the end goes before the beginning. No server can do this; it says what is left
 * to be gained.
 *
 * @param lookups for each request to come, in order, the hashes that it looks up, in order
 */
export class Foresight {
  /** Of each hash the places in the sequence of all look-ups, ascending. */
  readonly #places = new Map<string, number[]>();
  /** Place of the first look-up of each request. */
  readonly #starts: readonly number[];
  #now = 0;

  constructor(lookups: readonly (readonly string[])[]) {
    let place = 0;
    this.#starts = lookups.map((hashes) => {
      const start = place;
      for (const hash of hashes) this.#places.set(hash, [...(this.#places.get(hash) ?? []), place++]);
      return start;
    });
  }

  /** Request `index` has been looked up: only those behind it count from now on. */
  served(index: number): void {
    this.#now = this.#starts[index + 1] ?? Infinity;
  }

  readonly choose: NonNullable<PoolOptions['choose']> = (queue, pool) => {
    const uses = queue.map((block) => {
      const hash = pool.hash(block);
      // A look-up finds the first of twins; nobody asks for the others.
      return hash === undefined || pool.find(hash) !== block ? Infinity : this.#next(hash);
    });
    return queue[uses.indexOf(Math.max(...uses))]!;
  };

  #next(hash: string): number {
    return this.#places.get(hash)?.find((place) => place >= this.#now) ?? Infinity;
  }
}
