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
}

/** What is counted: entries by how they are written, and what is stored beside them. */
export interface Tally {
  entries: number;
  keyBits: number;
  valueBits: number;
  overhead: number;
}

/**
 * @param tally over all heads @param blocks allocated, each with 16 slots in every head
 * An empty slot costs what a held entry of this lane costs on average: a block of small entries is a small block.
 */
export function tallyBytes(
  { entries, keyBits, valueBits, overhead }: Tally,
  blocks: number,
  heads: number,
  headDim: number,
): LaneBytes {
  const keys = (keyBits * headDim) / 8;
  const values = (valueBits * headDim) / 8;
  const live = keys + values + overhead;
  const slot = entries ? live / entries : (2 * headDim * fullBits) / 8;
  const holes = (blocks * blockSize * heads - entries) * slot;
  return { keys, values, metadata: overhead, live, holes, allocated: live + holes };
}

/** Bytes of what a cache holds now: from its columns, and from nothing else. */
export function cacheBytes(cache: KVCache): LaneBytes {
  const { heads, capacity, counts, keyBits, valueBits, overhead } = cache.columns;
  const tally = { entries: 0, keyBits: 0, valueBits: 0, overhead: 0 };
  for (let head = 0; head < heads; head++) {
    tally.entries += counts[head]!;
    tally.overhead += cache.beside[head]!;
    for (let at = head * capacity; at < head * capacity + counts[head]!; at++) {
      tally.keyBits += keyBits[at]!;
      tally.valueBits += valueBits[at]!;
      tally.overhead += overhead[at]!;
    }
  }
  const blocks = cache.blocks.filter((block) => block >= 0).length;
  return tallyBytes(tally, blocks, heads, cache.store.config.headDim);
}
