/** Where an array begins in a heap, counted in 32-bit words. */
export type Address = number;

const pageWords = 16_384;

/** The heap grows by at least this many words (1 MiB), so that it does not grow often. */
const stepWords = 262_144;

/**
 * The memory that kernels reach: one stretch of 32-bit words that grows with what is asked of it. Arrays in it are named by address, because
 * growing replaces `f32` and `i32`: take a view for as long as nothing is taken from the heap, and never keep one.
 */
export class Heap {
  f32!: Float32Array;
  i32!: Int32Array;
  #used = 0;
  readonly #grow: (bytes: number) => ArrayBuffer;
  readonly #given = new Map<number, Address[]>();

  /** @param grow makes the memory at least so many bytes long, keeps what is in it, and returns it whole */
  constructor(grow: (bytes: number) => ArrayBuffer) {
    this.#grow = grow;
    this.#reach(pageWords);
  }

  get bytes(): number {
    return 4 * this.f32.length;
  }

  /**
   * @param align the address is a multiple of this many words
   * @returns the address of `words` words that nobody else uses, whatever they hold
   * @throws Error when the machine has no memory left
   */
  take(words: number, align = 4): Address {
    const again = this.#given.get(words);
    const at = again?.findIndex((address) => address % align === 0) ?? -1;
    if (at >= 0) return again!.splice(at, 1)[0]!;
    const start = Math.ceil(this.#used / align) * align;
    if (start + words > this.f32.length) this.#reach(start + words);
    this.#used = start + words;
    return start;
  }

  /** Takes back what `take(words)` gave; the next one who asks for as many words gets it. */
  give(address: Address, words: number): void {
    const list = this.#given.get(words);
    if (list) list.push(address);
    else this.#given.set(words, [address]);
  }

  /** A view of floats, until the heap grows. */
  floats(address: Address, length: number): Float32Array {
    return this.f32.subarray(address, address + length);
  }

  ints(address: Address, length: number): Int32Array {
    return this.i32.subarray(address, address + length);
  }

  #reach(words: number): void {
    const wanted = Math.max(words, (this.f32?.length ?? 0) + stepWords);
    let buffer: ArrayBuffer;
    try {
      buffer = this.#grow(4 * Math.ceil(wanted / pageWords) * pageWords);
    } catch (cause) {
      throw new Error(`There is not enough memory: ${Math.round((4 * wanted) / 2 ** 20)} MiB are needed.`, { cause });
    }
    this.f32 = new Float32Array(buffer);
    this.i32 = new Int32Array(buffer);
  }
}
