import { headBytes, numberBytes, sum } from '../budget/uniform.ts';
import type { LaneSpec } from '../lane-spec.ts';
import { blockSize } from '../paging/pool.ts';
import type { Bytes } from '../quantization/types.ts';

/** Live bytes are held tokens; allocated bytes are the blocks that hold them, empty slots included. The two are rarely equal. */
export interface LaneBytes extends Bytes {
  readonly live: number;
  /** Slots of allocated blocks that no token fills. */
  readonly holes: number;
  readonly allocated: number;
}

/**
 * @param counts tokens held in each head of each layer
 * @param blocks allocated blocks of 16 tokens, each with a slot in every head
 * An empty slot costs what a held token of this lane costs on average: a block of small tokens is a small block.
 */
export function laneBytes(spec: LaneSpec, counts: ArrayLike<number>, blocks: number, headDim: number): LaneBytes {
  const total = { keys: 0, values: 0, metadata: 0 };
  let tokens = 0;
  for (let head = 0; head < counts.length; head++) {
    const bytes = headBytes(spec, counts[head]!, headDim);
    total.keys += bytes.keys;
    total.values += bytes.values;
    total.metadata += bytes.metadata;
    tokens += counts[head]!;
  }
  const live = sum(total);
  const holes = (blocks * blockSize * counts.length - tokens) * (tokens ? live / tokens : 2 * headDim * numberBytes);
  return { ...total, live, holes, allocated: live + holes };
}
