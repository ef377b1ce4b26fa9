import type { Settings, SettingTable } from '../settings.ts';

/** Tokens of one KV head as a codec holds them: integer codes, and what turns each group of them back into numbers. */
export interface Encoded {
  /** Codes of `bits` bits one after the other, the first in the lowest bits of the first word. */
  readonly codes: Uint32Array;
  /** One for each group, in the order of the codes. */
  readonly scale: Float32Array;
  readonly zero: Float32Array;
}

export interface Bytes {
  readonly keys: number;
  readonly values: number;
  /** Scales, zeros, codebooks: whatever is stored so that the codes can be read. */
  readonly metadata: number;
}

/**
 * "How is it written?": a codec turns tokens of one KV head of one layer into fewer bits and back. The newest tokens may wait at full precision;
 * how many do follows from the count alone, so that a prefill and the same tokens decoded one by one end alike. What is encoded is always
 * a leading run of tokens in position order: [0, encodedKeys) and [0, encodedValues).
 */
export interface Codec<T extends SettingTable = SettingTable> {
  readonly name: string;
  readonly settings: T;
  /** How many of `total` tokens have their keys encoded. */
  encodedKeys(total: number, settings: Settings<T>): number;
  encodedValues(total: number, settings: Settings<T>): number;
  /** @param keys [tokens][headDim], a number of tokens that `encodedKeys` can return, or the difference of two */
  encodeKeys(keys: Float32Array, headDim: number, settings: Settings<T>): Encoded;
  /** @returns [tokens][headDim] */
  decodeKeys(encoded: Encoded, tokens: number, headDim: number, settings: Settings<T>): Float32Array;
  /** @param values [tokens][headDim] */
  encodeValues(values: Float32Array, headDim: number, settings: Settings<T>): Encoded;
  /** @returns [tokens][headDim] */
  decodeValues(encoded: Encoded, tokens: number, headDim: number, settings: Settings<T>): Float32Array;
  /** Bytes of `total` tokens, the waiting ones included at 2 bytes a number: [total][headDim] of keys and as many of values. */
  bytes(total: number, headDim: number, settings: Settings<T>): Bytes;
}

/** Keeps the settings' literal type, so that the functions see `settings.bits` as a number. */
export const defineCodec = <const T extends SettingTable>(codec: Codec<T>): Codec<T> => codec;
