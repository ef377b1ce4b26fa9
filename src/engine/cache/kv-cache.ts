import { bitmask, type Emit, type Encoding, type Tier } from '../events.ts';
import { blockSize } from '../paging/pool.ts';
import { BlockTable } from './block-table.ts';
import { Columns, fullBits } from './columns.ts';
import type { Store } from './store.ts';
import { entryBytes } from '../measure/bytes.ts';

const nobody: Emit = () => {};

/** How entries are folded into others: their keys too, and what the sums are divided by: 1 and all weights, 1 and as many as came, or nothing. */
export interface Folding {
  readonly keys?: boolean;
  readonly divisor?: 'weights' | 'count' | 'nothing';
}

/**
 * What one lane holds, and the only thing that acts on it: every operation emits its event. Per head a list of entries (see Columns), ragged because
 * heads may keep different tokens. Blocks are shared with the cache it was forked from until it writes into them.
 *
 * There are two memories. What lies in the host's has a row like any other, so that it can be scored, written smaller or dropped; a pass reads only what
 * lies near. There a token's slot is its number.
 */
export class KVCache {
  readonly store: Store;
  readonly columns: Columns;
  emit: Emit;
  /** Tokens that came in so far, which is the next token's number. */
  length = 0;
  readonly #table: BlockTable;
  readonly #hostTable: BlockTable;
  /** [heads]: bytes stored beside the entries, so that they can be found. */
  readonly beside: Float64Array;
  /** [heads]: the same in the host's memory. */
  readonly besideHost: Float64Array;
  /** Bytes that were carried to the device and to the host. */
  readonly moved = { in: 0, out: 0 };
  readonly #next: Int32Array; // [heads] position of the next entry
  readonly #turned: Int32Array; // [heads] tokens that had come in when the head's keys were last turned
  #tail = 0; // slot of the next entry
  #split = false; // whether anything was ever carried to the host

  constructor(store: Store, emit: Emit = nobody) {
    this.store = store;
    this.columns = new Columns(store.heads, store.heap);
    this.#table = new BlockTable(store);
    this.#hostTable = new BlockTable(store);
    this.#next = new Int32Array(store.heads);
    this.#turned = new Int32Array(store.heads);
    this.beside = new Float64Array(store.heads);
    this.besideHost = new Float64Array(store.heads);
    this.emit = emit;
  }

  /** The pool's block of each 16 slots, -1 where none is held. */
  get blocks(): readonly number[] {
    return this.#table.blocks;
  }

  /** The same of the host's memory. */
  get hostBlocks(): readonly number[] {
    return this.#hostTable.blocks;
  }

  count(head: number): number {
    return this.columns.counts[head]!;
  }

  /** Ascending tokens that the head holds. */
  tokens(head: number): Int32Array {
    const { token, capacity, counts } = this.columns;
    return token.subarray(head * capacity, head * capacity + counts[head]!);
  }

  /** Slot of each of a head's entries. */
  slots(head: number): Int32Array {
    const { slot, capacity, counts } = this.columns;
    return slot.subarray(head * capacity, head * capacity + counts[head]!);
  }

  /** What the keys of a head's entries are rotated to. */
  positions(head: number): Int32Array {
    const { position, capacity, counts } = this.columns;
    return position.subarray(head * capacity, head * capacity + counts[head]!);
  }

  /** The store's row of an entry. */
  row(head: number, entry: number): number {
    const { rows, capacity } = this.columns;
    return this.store.heap.i32[rows + head * capacity + entry]!;
  }

  /** Makes room for the next tokens in every head. @throws Error when there is no memory left; then no token has come in */
  append(count = 1): void {
    const from = this.length;
    const slot = this.#tail;
    this.#extend(count);
    this.emit({ type: 'append', from, to: from + count, slot });
  }

  /** New entries in every head, in the next slots. Memory is taken before anything is changed, as there may be none left. */
  #extend(count: number): void {
    for (let index = Math.floor(this.#tail / blockSize); index * blockSize < this.#tail + count; index++) {
      this.#own(index);
    }
    this.columns.reserve(this.length + count);
    for (let i = 0; i < count; i++) this.#place();
  }

  /** A new entry in every head, all in the same slot. */
  #place(): void {
    const slot = this.#tail++;
    const { columns, store } = this;
    for (let head = 0; head < store.heads; head++) {
      const at = head * columns.capacity + columns.counts[head]!++;
      columns.token[at] = this.length;
      columns.position[at] = this.#next[head]!++;
      columns.slot[at] = slot;
      columns.keyBits[at] = columns.valueBits[at] = fullBits;
      columns.overhead[at] = columns.host[at] = 0;
      store.heap.i32[columns.rows + at] = this.#table.row(slot, head);
    }
    this.length++;
  }

  #own(index: number): void {
    if (this.#table.own(index, this.emit)) this.#locate(0, (slot) => Math.floor(slot / blockSize) === index);
  }

  #ownHost(index: number): void {
    if (this.#hostTable.own(index, nobody)) this.#locate(1, (slot) => Math.floor(slot / blockSize) === index);
  }

  /** Own copies of every block still in the table, for a lane that rewrites what it holds. */
  ownAll(): void {
    this.#hostTable.blocks.forEach((block, index) => {
      if (block >= 0) this.#ownHost(index);
    });
    const moved: boolean[] = [];
    try {
      this.blocks.forEach((block, index) => {
        moved[index] = block >= 0 && this.#table.own(index, this.emit);
      });
    } finally {
      // Also when memory runs out half-way: what was copied until then lies elsewhere.
      if (moved.includes(true)) this.#locate(0, (slot) => moved[Math.floor(slot / blockSize)] ?? false);
    }
  }

  /** Looks up the rows of some entries of one memory anew, as their blocks were copied. */
  #locate(host: number, moved: (slot: number) => boolean): void {
    const { columns, store } = this;
    const table = host ? this.#hostTable : this.#table;
    for (let head = 0; head < store.heads; head++) {
      const base = head * columns.capacity;
      for (let at = base; at < base + columns.counts[head]!; at++) {
        const slot = columns.slot[at]!;
        if (columns.host[at] === host && moved(slot)) store.heap.i32[columns.rows + at] = table.row(slot, head);
      }
    }
  }

  /** Drops everything in a layer but the given ascending entries of each KV head. */
  retain(layer: number, kept: readonly Int32Array[]): void {
    const first = layer * kept.length;
    if (kept.every(({ length }, kvHead) => length === this.count(first + kvHead))) return;
    kept.forEach((entries, kvHead) => this.columns.gather(first + kvHead, entries));
    this.emit({
      type: 'retain',
      layer,
      held: kept.map((_, kvHead) => bitmask(this.tokens(first + kvHead), this.length)),
    });
  }

  /**
   * Folds entries that are about to leave into others of the same head: the value of each `into` becomes
   * (own + sum of weight * leaving) / divisor, and its key too where `keys` says so.
   * @param pairs for each KV head, entries: from, into, from, into, ...
   * @param weights for each KV head, one a pair
   */
  merge(layer: number, pairs: readonly Int32Array[], weights: readonly Float64Array[], folding: Folding = {}): void {
    if (!pairs.some(({ length }) => length)) return;
    this.ownAll();
    const words = pairs.map((list, kvHead) => {
      const head = layer * pairs.length + kvHead;
      this.#fold(head, list, weights[kvHead]!, folding, (row) => this.store.value(row));
      if (folding.keys) this.#fold(head, list, weights[kvHead]!, folding, (row) => this.store.key(row));
      return Uint32Array.from(list, (entry) => this.tokens(head)[entry]!);
    });
    this.emit({ type: 'merge', layer, pairs: words });
  }

  #fold(
    head: number,
    pairs: Int32Array,
    weights: Float64Array,
    { divisor = 'weights' }: Folding,
    side: (row: number) => Float32Array,
  ): void {
    const divisors = new Map<number, number>();
    for (let i = 0; i < pairs.length; i += 2) {
      const into = pairs[i + 1]!;
      const row = side(this.row(head, into));
      const leaving = side(this.row(head, pairs[i]!));
      const weight = weights[i / 2]!;
      for (let c = 0; c < row.length; c++) row[c]! += weight * leaving[c]!;
      divisors.set(into, (divisors.get(into) ?? 1) + { weights: weight, count: 1, nothing: 0 }[divisor]);
    }
    for (const [into, by] of divisors) {
      const row = side(this.row(head, into));
      for (let c = 0; c < row.length; c++) row[c]! /= by;
    }
  }

  /** Turns the keys of a layer's entries to positions 0, 1, 2, ...; the next token follows on. */
  rotate(layer: number): void {
    this.ownAll();
    const { kvHeads } = this.store.config;
    for (let head = layer * kvHeads; head < (layer + 1) * kvHeads; head++) {
      const count = this.count(head);
      for (let entry = 0; entry < count; entry++) this.#turn(head, entry, entry);
      this.#next[head] = count;
      this.#turned[head] = this.length;
    }
    this.emit({ type: 'rotate', layer });
  }

  /**
   * Turns the keys of some entries to positions of their own. Tokens that come later are placed as if nothing had been turned.
   * @param places for each KV head, entry, position, entry, position, ...
   */
  turn(layer: number, places: readonly Int32Array[]): void {
    const { kvHeads } = this.store.config;
    const turned = places.map((list, kvHead) => {
      const positions = this.positions(layer * kvHeads + kvHead);
      return list.filter((_, i) => positions[list[i - (i % 2)]!] !== list[i + 1 - (i % 2)]);
    });
    if (!turned.some(({ length }) => length)) return;
    this.ownAll();
    turned.forEach((list, kvHead) => {
      for (let i = 0; i < list.length; i += 2) this.#turn(layer * kvHeads + kvHead, list[i]!, list[i + 1]!);
    });
    const tokens = turned.map((list, kvHead) =>
      Uint32Array.from(list, (x, i) => (i % 2 ? x : this.tokens(layer * kvHeads + kvHead)[x]!)),
    );
    this.emit({ type: 'rotate', layer, turned: tokens });
  }

  #turn(head: number, entry: number, position: number): void {
    const positions = this.positions(head);
    const by = position - positions[entry]!;
    if (by) this.store.rope.rotate(this.store.heap.f32, this.row(head, entry) * this.store.config.headDim, 1, by);
    positions[entry] = position;
  }

  /** Notes what is stored beside a layer's entries, near and with the host. */
  index(layer: number, bytes: readonly number[], host: readonly number[] = bytes.map(() => 0)): void {
    const from = layer * bytes.length;
    const known = (column: Float64Array, list: readonly number[]) =>
      list.every((some, kvHead) => some === column[from + kvHead]);
    if (known(this.beside, bytes) && known(this.besideHost, host)) return;
    this.beside.set(bytes, from);
    this.besideHost.set(host, from);
    this.emit({ type: 'index', layer, bytes, ...(host.some(Boolean) ? { host } : {}) });
  }

  /** Ascending entries of a head's first `count` that lie near; undefined where all do. */
  near(head: number, count = this.count(head)): Int32Array | undefined {
    if (!this.#split) return undefined;
    const { host, capacity } = this.columns;
    const base = head * capacity;
    let away = 0;
    for (let at = base; at < base + count; at++) away += host[at]!;
    if (!away) return undefined;
    const near = new Int32Array(count - away);
    for (let entry = 0, i = 0; entry < count; entry++) if (!host[base + entry]) near[i++] = entry;
    return near;
  }

  /**
   * Carries entries of a layer to the other memory, bit for bit; the slots that they leave are free. A key carries its position with it, so that any slot
   * will do.
   * @param entries for each KV head; those that lie there already stay where they are
   */
  move(layer: number, to: Tier, entries: readonly Int32Array[]): void {
    const host = Number(to === 'host');
    const plans = entries.map((list, kvHead) => this.#ways(layer * entries.length + kvHead, list, host));
    // Memory is taken before anything is changed, as there may be none left.
    for (const { slots } of plans) {
      for (const slot of slots) (host ? this.#ownHost : this.#own).call(this, Math.floor(slot / blockSize));
    }
    const moves = plans.map(({ moving, slots }, kvHead) =>
      this.#carry(layer * entries.length + kvHead, moving, slots, host),
    );
    if (moves.some(({ length }) => length)) this.emit({ type: 'move', layer, to, moves });
  }

  /** Which of the entries have to go to a memory, and to what slots: with the host that of its number, near the lowest in which the head holds nothing. */
  #ways(head: number, list: Int32Array, tier: number): { moving: Int32Array; slots: Int32Array } {
    const { host, slot, token, capacity, counts } = this.columns;
    const base = head * capacity;
    const moving = list.filter((entry) => host[base + entry] !== tier);
    if (tier) return { moving, slots: moving.map((entry) => token[base + entry]!) };
    const taken = new Set<number>();
    for (let at = base; at < base + counts[head]!; at++) if (!host[at]) taken.add(slot[at]!);
    let next = 0;
    const slots = moving.map(() => {
      while (taken.has(next)) next++;
      return next++;
    });
    return { moving, slots };
  }

  #carry(head: number, moving: Int32Array, slots: Int32Array, tier: number): Uint32Array {
    const { columns, store } = this;
    const { headDim } = store.config;
    const base = head * columns.capacity;
    const table = tier ? this.#hostTable : this.#table;
    const moves = new Uint32Array(2 * moving.length);
    moving.forEach((entry, i) => {
      const [at, slot] = [base + entry, slots[i]!];
      const [from, row] = [this.row(head, entry), table.row(slot, head)];
      for (const side of [0, store.values]) copyRow(store.heap.f32, from, row, side, headDim);
      columns.slot[at] = slot;
      columns.host[at] = tier;
      store.heap.i32[columns.rows + at] = row;
      this.moved[tier ? 'out' : 'in'] += entryBytes(columns, at, headDim);
      if (!tier) this.#tail = Math.max(this.#tail, slot + 1);
      moves.set([columns.token[at]!, slot], 2 * i);
    });
    if (tier && moving.length) this.#split = true;
    return moves;
  }

  /** Notes how entries were written; the rows already hold what can be read back (see encode.ts). */
  encoded(layer: number, parts: readonly Encoding[]): void {
    if (!parts.length) return;
    const { columns } = this;
    for (const { kvHead, side, from, to, bits, overhead } of parts) {
      const base = (layer * this.store.config.kvHeads + kvHead) * columns.capacity;
      (side === 'keys' ? columns.keyBits : columns.valueBits).fill(bits, base + from, base + to);
      for (let at = base + from; at < base + to; at++) columns.overhead[at]! += overhead;
    }
    this.emit({ type: 'encode', layer, parts });
  }

  /**
   * Copies entries to other slots of the lane's first blocks. All are read before any is written, so that they may overlap. What lies with the host stays.
   * @param slots for each KV head the new slot of each of its entries
   */
  copy(layer: number, slots: readonly Int32Array[]): void {
    const last = slots.reduce((most, list) => list.reduce((a, b) => Math.max(a, b), most), -1);
    for (let index = 0; index <= Math.floor(last / blockSize); index++) this.#own(index);
    const moves = slots.map((list, kvHead) => this.#copyHead(layer * slots.length + kvHead, list));
    this.emit({ type: 'copy', layer, moves });
  }

  #copyHead(head: number, slots: Int32Array): Uint32Array {
    const { columns, store } = this;
    const base = head * columns.capacity;
    const moving = [...slots.keys()].filter(
      (entry) => !columns.host[base + entry] && columns.slot[base + entry] !== slots[entry],
    );
    const read = moving.map((entry) => {
      const row = this.row(head, entry);
      return { key: store.key(row).slice(), value: store.value(row).slice() };
    });
    const moves = moving.flatMap((entry) => [columns.slot[base + entry]!, slots[entry]!]);
    moving.forEach((entry, at) => {
      const row = this.#table.row(slots[entry]!, head);
      columns.slot[base + entry] = slots[entry]!;
      store.heap.i32[columns.rows + base + entry] = row;
      store.key(row).set(read[at]!.key);
      store.value(row).set(read[at]!.value);
    });
    return Uint32Array.from(moves);
  }

  /** The next token goes right behind the last slot in use, as after a compaction. */
  rewind(): void {
    let last = -1;
    this.#eachSlot(0, (slot) => {
      if (slot > last) last = slot;
    });
    this.#tail = last + 1;
  }

  /** Gives back the blocks in which no head holds anything. The last block stays while it has room for the next token. */
  reclaim(): void {
    const used = this.#used(0, this.#table);
    if (this.#tail % blockSize) used[Math.floor(this.#tail / blockSize)] = 1;
    used.forEach((some, index) => {
      if (!some) this.#table.release(index, this.emit);
    });
    this.#reclaimHost();
  }

  #reclaimHost(): void {
    this.#used(1, this.#hostTable).forEach((some, index) => {
      if (!some) this.#hostTable.release(index, nobody);
    });
  }

  /** For each block of a memory whether any head holds something there. */
  #used(host: number, table: BlockTable): Uint8Array {
    const used = new Uint8Array(table.blocks.length);
    this.#eachSlot(host, (slot) => {
      used[Math.floor(slot / blockSize)] = 1;
    });
    return used;
  }

  #eachSlot(host: number, see: (slot: number) => void): void {
    const { heads, capacity, counts, slot, host: tier } = this.columns;
    for (let head = 0; head < heads; head++) {
      for (let at = head * capacity; at < head * capacity + counts[head]!; at++) if (tier[at] === host) see(slot[at]!);
    }
  }

  /**
   * Appends tokens [from, to) of another cache, which must hold them in every head: their rows are copied, and their keys turned from the
   * positions that they had there to the ones that they get here.
   * @param turned without it the keys keep the rotation of their old place, as a naive splice would leave them
   */
  splice(other: KVCache, from: number, to: number, turned = true): void {
    const { store } = this;
    const start = this.length;
    const slot = this.#tail;
    this.#extend(to - from);
    for (let head = 0; head < store.heads; head++) {
      const first = other.tokens(head).indexOf(from);
      const next = this.count(head) - (to - from);
      for (let i = 0; i < to - from; i++) {
        const source = other.row(head, first + i);
        const target = this.row(head, next + i);
        store.key(target).set(store.key(source));
        store.value(target).set(store.value(source));
        const by = this.positions(head)[next + i]! - other.positions(head)[first + i]!;
        if (turned && by) store.rope.rotate(store.heap.f32, target * store.config.headDim, 1, by);
      }
    }
    this.emit({ type: 'splice', from: start, to: start + to - from, slot });
  }

  /**
   * Takes over the first `tokens` tokens of another cache, which holds all of them as they came: whole blocks, shared and not computed again.
   * What was stored beside them stays with the other.
   */
  adopt(other: KVCache, tokens: number): void {
    this.clear();
    this.#follow(other, Math.ceil(tokens / blockSize));
    this.#forget(tokens);
    this.#reclaimHost();
    Object.assign(this.moved, { in: 0, out: 0 });
    this.beside.fill(0);
    this.besideHost.fill(0);
    this.emit({ type: 'adopt', to: tokens });
    this.blocks.forEach((block, index) => this.emit({ type: 'allocate', index, block }));
  }

  /** Becomes what `other` is, sharing its blocks. What this cache held before is let go. */
  fork(other: KVCache): void {
    this.clear();
    this.#follow(other);
  }

  /** The columns come first: where no memory is left for them, the cache stays empty. */
  #follow(other: KVCache, blocks?: number): void {
    this.columns.copy(other.columns);
    this.#table.share(other.#table, blocks);
    this.#hostTable.share(other.#hostTable);
    this.#split = other.#split;
    Object.assign(this.moved, other.moved);
    this.length = other.length;
    this.#tail = other.#tail;
    this.#next.set(other.#next);
    this.#turned.set(other.#turned);
    this.beside.set(other.beside);
    this.besideHost.set(other.besideHost);
  }

  /** Forgets the tokens from `length` on, as after a rejected draft. */
  truncate(length: number): void {
    this.#forget(length);
    this.emit({ type: 'truncate', to: this.length });
    this.#table.shorten(Math.ceil(this.#tail / blockSize), this.emit);
    this.#reclaimHost();
  }

  #forget(length: number): void {
    if (length >= this.length) return;
    for (let head = 0; head < this.columns.heads; head++) {
      const tokens = this.tokens(head);
      let count = tokens.length;
      while (count && tokens[count - 1]! >= length) count--;
      this.columns.counts[head] = count;
      // Every token since the last turn took a position, also one that was dropped. Of older ones only what is held is known.
      if (length >= this.#turned[head]!) this.#next[head]! -= this.length - length;
      else {
        this.#next[head] = count ? this.positions(head)[count - 1]! + 1 : 0;
        this.#turned[head] = length;
      }
    }
    this.length = length;
    this.rewind();
  }

  /** Lets go of everything, without a word: what is cleared is over. */
  clear(): void {
    this.#table.shorten(0, nobody);
    this.#hostTable.shorten(0, nobody);
    this.#split = false;
    Object.assign(this.moved, { in: 0, out: 0 });
    this.columns.counts.fill(0);
    this.#next.fill(0);
    this.#turned.fill(0);
    this.beside.fill(0);
    this.besideHost.fill(0);
    this.length = 0;
    this.#tail = 0;
  }

  /** Gives all its memory back. */
  release(): void {
    this.clear();
    this.columns.release();
  }
}

/** Copies one side of a row to another row. @param side where that side begins in row 0 */
const copyRow = (f32: Float32Array, from: number, to: number, side: number, headDim: number) =>
  f32.copyWithin(to * headDim + side, from * headDim + side, (from + 1) * headDim + side);
