import { policies } from '../eviction/index.ts';
import type { Config } from '../model/config.ts';
import { codecs } from '../quantization/index.ts';
import type { Bytes } from '../quantization/types.ts';
import type { LaneSpec } from '../lane-spec.ts';

/** Bytes of one number in the full cache: 16-bit floats. */
export const numberBytes = 2;

/** Bytes of `total` tokens in one KV head, as a lane writes them. */
export function headBytes({ codec }: LaneSpec, total: number, headDim: number): Bytes {
  if (codec) return codecs[codec.name]!.bytes(total, headDim, codec.settings);
  const side = total * headDim * numberBytes;
  return { keys: side, values: side, metadata: 0 };
}

export const sum = ({ keys, values, metadata }: Bytes) => keys + values + metadata;

/** Bytes of `seq` tokens in every layer and KV head at 16 bits: what a budget is a share of. */
export const fullBytes = ({ layers, kvHeads, headDim }: Config, seq: number) =>
  layers * kvHeads * seq * headDim * 2 * numberBytes;

export interface Budget {
  /** Tokens that every head of every layer keeps. */
  readonly kept: number;
  /** Whether the lane's bytes fit. A lane that never drops a token may not fit; then it says so. */
  readonly fits: boolean;
}

/**
 * The same number of tokens for every head: as many as fit into `share` of the full cache's bytes. Without a codec this is
 * trunc(seq * share), kvpress' rule; a codec fits more tokens into the same bytes.
 */
export function uniform(spec: LaneSpec, share: number, seq: number, headDim: number): Budget {
  const room = share * seq * headDim * 2 * numberBytes;
  const evicts = !policies[spec.policy.name]!.keepsAll;
  let kept = spec.codec || !evicts ? seq : Math.trunc(seq * share);
  while (evicts && kept > 0 && sum(headBytes(spec, kept, headDim)) > room) kept--;
  return { kept, fits: sum(headBytes(spec, kept, headDim)) <= room };
}
