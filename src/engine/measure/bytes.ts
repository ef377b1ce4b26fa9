import type { KVCache } from '../cache/kv-cache.ts';
import { fullBits } from '../cache/columns.ts';
import { blockSize } from '../paging/pool.ts';
import type { Bytes } from '../quantization/types.ts';

/** Live bytes are held entries; allocated bytes are the blocks that hold them, empty slots included. The two are rarely equal. */
export interface LaneBytes extends Bytes {
  readonly live: number;
  /** Slots of allocated blocks that no entry fills. */
  readonly holes: number;
  readonly allocated: number;
  /** Bytes in the host's memory, index included: not held near, and not gone. In none of the others. */
  readonly host: number;
}

/** What is counted: entries by how they are written, and what is stored beside them. */
export interface Tally {
  entries: number;
  keyBits: number;
  valueBits: number;
  overhead: number;
}

/** How entries are written, one a place. */
export interface Written {
  readonly keyBits: Uint8Array;
  readonly valueBits: Uint8Array;
  readonly overhead: Float64Array;
}

export const emptyTally = (): Tally => ({ entries: 0, keyBits: 0, valueBits: 0, overhead: 0 });

const nothing = emptyTally();

/** Counts one entry. */
export function count(tally: Tally, { keyBits, valueBits, overhead }: Written, at: number): void {
  tally.entries++;
  tally.keyBits += keyBits[at]!;
  tally.valueBits += valueBits[at]!;
  tally.overhead += overhead[at]!;
}

/**
 * @param tally over all heads @param blocks allocated, each with 16 slots in every head
 * @param host the same of what lies with the host
 * An empty slot costs what a held entry of this lane costs on average: a block of small entries is a small block.
 */
export function tallyBytes(
  { entries, keyBits, valueBits, overhead }: Tally,
  blocks: number,
  heads: number,
  headDim: number,
  host: Tally = nothing,
): LaneBytes {
  const keys = (keyBits * headDim) / 8;
  const values = (valueBits * headDim) / 8;
  const live = keys + values + overhead;
  const slot = entries ? live / entries : (2 * headDim * fullBits) / 8;
  const holes = (blocks * blockSize * heads - entries) * slot;
  const away = ((host.keyBits + host.valueBits) * headDim) / 8 + host.overhead;
  return { keys, values, metadata: overhead, live, holes, allocated: live + holes, host: away };
}

/** Bytes of one entry of a column. */
export const entryBytes = ({ keyBits, valueBits, overhead }: Written, at: number, headDim: number) =>
  ((keyBits[at]! + valueBits[at]!) * headDim) / 8 + overhead[at]!;

/** Bytes of what a cache holds now: from its columns, and from nothing else. */
export function cacheBytes(cache: KVCache): LaneBytes {
  const { columns, beside, besideHost } = cache;
  const { heads, capacity, counts, host } = columns;
  const [near, far] = [emptyTally(), emptyTally()];
  for (let head = 0; head < heads; head++) {
    near.overhead += beside[head]!;
    far.overhead += besideHost[head]!;
    for (let at = head * capacity; at < head * capacity + counts[head]!; at++)
      count(host[at] ? far : near, columns, at);
  }
  const blocks = cache.blocks.filter((block) => block >= 0).length;
  return tallyBytes(near, blocks, heads, cache.store.config.headDim, far);
}
