import type { Address, Heap } from '../kernels/heap.ts';

/** Bits of a number that no codec has touched. */
export const fullBits = 16;

/**
 * What the heads of a cache hold, one entry a line, in parallel columns: which word of the lane's text it is (`token`), what its key is rotated to
 * (`position`), which row of the lane's blocks it lies in (`slot`), how it is written (`keyBits`, `valueBits`, and `overhead`: its share of scales
 * and the like, in bytes), and whether it lies in the host's memory (`host`), where no pass reads it. Columns are [heads, capacity]; a head's entries are those below its count, ascending by token.
 */
export class Columns {
  readonly heads: number;
  readonly counts: Int32Array; // [heads]
  capacity = 0;
  token = new Int32Array(0);
  position = new Int32Array(0);
  slot = new Int32Array(0);
  keyBits = new Uint8Array(0);
  valueBits = new Uint8Array(0);
  overhead = new Float64Array(0);
  host = new Uint8Array(0);
  /** The same slots as row numbers of the store, where kernels can read them. */
  rows: Address = 0;
  readonly #heap: Heap;

  constructor(heads: number, heap: Heap) {
    this.heads = heads;
    this.counts = new Int32Array(heads);
    this.#heap = heap;
  }

  /** Makes room for `entries` in every head. */
  reserve(entries: number): void {
    if (entries <= this.capacity) return;
    const { capacity: before, rows: from } = this;
    const capacity = Math.max(64, 2 ** Math.ceil(Math.log2(entries)));
    const wider = <T extends Int32Array | Uint8Array | Float64Array>(column: T, made: T): T => {
      for (let head = 0; head < this.heads; head++) {
        made.set(column.subarray(head * before, head * before + this.counts[head]!), head * capacity);
      }
      return made;
    };
    const size = this.heads * capacity;
    // First of all, as there may be no memory left.
    this.rows = this.#heap.take(size);
    this.token = wider(this.token, new Int32Array(size));
    this.position = wider(this.position, new Int32Array(size));
    this.slot = wider(this.slot, new Int32Array(size));
    this.keyBits = wider(this.keyBits, new Uint8Array(size));
    this.valueBits = wider(this.valueBits, new Uint8Array(size));
    this.overhead = wider(this.overhead, new Float64Array(size));
    this.host = wider(this.host, new Uint8Array(size));
    wider(this.#heap.ints(from, this.heads * before), this.#heap.ints(this.rows, size));
    if (before) this.#heap.give(from, this.heads * before);
    this.capacity = capacity;
  }

  /** Becomes a copy of `other`. */
  copy(other: Columns): void {
    this.counts.fill(0);
    this.reserve(Math.max(...other.counts));
    const rows = this.#heap.i32;
    for (let head = 0; head < this.heads; head++) {
      const count = other.counts[head]!;
      const [from, to] = [head * other.capacity, head * this.capacity];
      this.token.set(other.token.subarray(from, from + count), to);
      this.position.set(other.position.subarray(from, from + count), to);
      this.slot.set(other.slot.subarray(from, from + count), to);
      this.keyBits.set(other.keyBits.subarray(from, from + count), to);
      this.valueBits.set(other.valueBits.subarray(from, from + count), to);
      this.overhead.set(other.overhead.subarray(from, from + count), to);
      this.host.set(other.host.subarray(from, from + count), to);
      rows.copyWithin(this.rows + to, other.rows + from, other.rows + from + count);
      this.counts[head] = count;
    }
  }

  /** Keeps the given ascending entries of a head, and no others. */
  gather(head: number, entries: Int32Array): void {
    const base = head * this.capacity;
    const rows = this.#heap.i32;
    for (let to = 0; to < entries.length; to++) {
      const from = entries[to]!;
      if (from === to) continue;
      this.token[base + to] = this.token[base + from]!;
      this.position[base + to] = this.position[base + from]!;
      this.slot[base + to] = this.slot[base + from]!;
      this.keyBits[base + to] = this.keyBits[base + from]!;
      this.valueBits[base + to] = this.valueBits[base + from]!;
      this.overhead[base + to] = this.overhead[base + from]!;
      this.host[base + to] = this.host[base + from]!;
      rows[this.rows + base + to] = rows[this.rows + base + from]!;
    }
    this.counts[head] = entries.length;
  }

  /** Gives its memory back; the columns are empty from then on. */
  release(): void {
    if (this.capacity) this.#heap.give(this.rows, this.heads * this.capacity);
    this.capacity = 0;
    this.counts.fill(0);
  }
}
