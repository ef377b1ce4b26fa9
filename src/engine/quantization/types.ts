import type { Member } from '../member.ts';
import type { SettingTable, Settings } from '../settings.ts';

export type Side = 'keys' | 'values';

/** Where rows stand in the model: a codec may treat layers and heads differently. */
export interface HeadShape {
  readonly layer: number;
  readonly layers: number;
  readonly kvHead: number;
  readonly headDim: number;
}

/** Rows of one KV head as a codec holds them. */
export interface Encoded {
  readonly bits: number;
  /** Integer codes of `bits` bits one after the other, the first in the lowest bits of the first word. */
  readonly codes: Uint32Array;
  /** What turns each group of codes back into numbers, in the order of the codes. */
  readonly scale: Float32Array;
  readonly zero: Float32Array;
  /** Bytes of scales, zeros and codebooks, all rows together. */
  readonly overhead: number;
  /** @returns [n][headDim] */
  decode(): Float32Array;
}

export interface Bytes {
  readonly keys: number;
  readonly values: number;
  /** Scales, zeros, codebooks, page summaries: whatever is stored so that the rest can be read or found. */
  readonly metadata: number;
}

/**
 * "How is it written?": a codec turns rows of one KV head into fewer bits and back. The newest rows may wait at full precision; how many do follows
 * from the counts alone, so that a prefill and the same tokens decoded one by one end alike.
 */
export interface Codec {
  /** Whether it is given keys as they are cached, or turned back to what they were before RoPE. */
  readonly basis: 'cached' | 'before-rope';
  /** How many of the `waiting` oldest rows at full precision are to be encoded now. */
  pending(waiting: number, side: Side, at: HeadShape): number;
  /** @param rows [n][headDim], as many as `pending` said. @throws Error when n is not a number that it can say */
  encode(rows: Float32Array, side: Side, at: HeadShape): Encoded;
  /** Bytes of `count` rows of keys and of values read at once, the waiting ones at 2 bytes a number included. */
  bytes(count: number, at: HeadShape): Bytes;
}

export interface CodecMember<T extends SettingTable = SettingTable> extends Member<T> {
  readonly role: 'codec';
  make(settings: Settings<T>, inner: readonly Codec[]): Codec;
}

/** Keeps the settings' literal type, so that `make` sees `settings.bits` as a number. */
export const defineCodec = <const T extends SettingTable>(codec: Omit<CodecMember<T>, 'role'>): CodecMember<T> => ({
  ...codec,
  role: 'codec',
});
