import type { Event } from '../events.ts';

/** How the entries of one head are packed: the slot that each of them gets, in the order of the entries. */
export type Packing = (slots: Int32Array) => Int32Array;

/** Entry i goes to slot i: the order is kept, and every entry behind the first hole moves. */
export const inOrder: Packing = (slots) => slots.map((_, entry) => entry);

/** Only entries beyond the last slot needed move, into the holes before it: few move, and slots no longer follow the text. */
export const intoHoles: Packing = (slots) => {
  const packed = slots.slice();
  const taken = new Set(slots);
  let hole = 0;
  slots.forEach((slot, entry) => {
    if (slot < slots.length) return;
    while (taken.has(hole)) hole++;
    packed[entry] = hole++;
  });
  return packed;
};

/** Rows that a lane has copied so far. */
export const rowsMoved = (events: readonly Event[]): number =>
  events.reduce(
    (sum, event) => (event.type === 'copy' ? event.moves.reduce((rows, { length }) => rows + length / 2, sum) : sum),
    0,
  );

/** What a compaction costs, and what it brings. */
export interface Compaction {
  /** Rows copied, over all heads; a row is a key and a value. */
  readonly rows: number;
  /** Read, and written again. */
  readonly bytes: number;
  /** Blocks in which some head still held something, before and after. */
  readonly before: number;
  readonly after: number;
  /** Rows of the blocks that stay in which a head holds nothing, as another head holds more. */
  readonly pinned: number;
}

/**
 * Packs heads that share their blocks: a block is empty only when it is empty in every one of them, so the longest head decides how many stay.
 * @param heads slots of the entries of every head of every layer
 * @param rowBytes of a key and a value
 */
export function compact(
  heads: readonly Int32Array[],
  packing: Packing,
  blockSize: number,
  rowBytes: number,
): Compaction {
  const packed = heads.map(packing);
  const rows = heads.reduce((sum, slots, head) => sum + slots.filter((slot, i) => slot !== packed[head]![i]).length, 0);
  const [before, after] = [heldBlocks(heads, blockSize), heldBlocks(packed, blockSize)];
  const longest = Math.max(0, ...heads.map(({ length }) => length));
  const pinned = heads.reduce((sum, { length }) => sum + longest - length, 0);
  return { rows, bytes: 2 * rows * rowBytes, before, after, pinned };
}

/** Entries that lie behind one that comes later in the text, where the order of slots no longer tells the order of positions. @param slots of a head's entries */
export function outOfOrder(slots: Int32Array): number {
  let [count, latest] = [0, -1];
  const entries = [...slots.keys()].sort((a, b) => slots[a]! - slots[b]!);
  for (const entry of entries) {
    if (entry < latest) count++;
    latest = Math.max(latest, entry);
  }
  return count;
}

/** Blocks in which at least one head holds something. */
export function heldBlocks(heads: readonly Int32Array[], blockSize: number): number {
  const held = new Set<number>();
  for (const slots of heads) for (const slot of slots) held.add(Math.floor(slot / blockSize));
  return held.size;
}
