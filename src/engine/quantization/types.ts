import type { Member } from '../member.ts';
import type { SettingTable, Settings } from '../settings.ts';

export type Side = 'keys' | 'values';

/** Keys as they are cached, or turned back to what they were before RoPE. */
export type Basis = 'cached' | 'before-rope';

/** Where rows stand in the model: a codec may treat layers and heads differently. */
export interface HeadShape {
  readonly layer: number;
  readonly layers: number;
  readonly kvHead: number;
  readonly headDim: number;
}

/** The same, with what the head's latest tokens looked for. */
export interface HeadAtWork extends HeadShape {
  /** @returns [rows * group][headDim], the queries of the head's group at up to `rows` latest tokens, after RoPE; none where nobody noted them */
  queries?(rows: number): Float32Array;
}

/** Numbers of one kind that are stored, such as codes or scales. */
export interface Part {
  readonly numbers: ArrayLike<number>;
  readonly shape: readonly number[];
  /** Bits that each takes. */
  readonly bits: number;
}

/** Rows of one KV head as a codec holds them. */
export interface Encoded {
  /** Whole bits of code that every number has. */
  readonly bits: number;
  /** Bytes of all that is stored besides, all rows together: scales, zeros, codebooks, what a number has beyond its whole bits. */
  readonly overhead: number;
  /** Everything that is stored, and nothing else: together as many bytes as `bits` and `overhead` say. Made when somebody looks. */
  parts(): Readonly<Record<string, Part>>;
  /** How it lies in memory, where the source says so. */
  packed?(): Uint8Array | Uint32Array;
  /** What crosses a network in place of the rows, where a codec is made for the way: it is read there and not held, and in no count of memory. */
  wire?(): Uint8Array;
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
  /** How it wants the keys of a head. */
  basis(at: HeadShape): Basis;
  /** How many of the `waiting` oldest rows at full precision are to be encoded now. */
  pending(waiting: number, side: Side, at: HeadShape): number;
  /**
   * What a codec learns of a head from the first rows that it writes there (a codebook, say) holds for those that follow.
   * @param rows [n][headDim], as many as `pending` said. @throws Error when n is not a number that it can say, or a number is not finite
   */
  encode(rows: Float32Array, side: Side, at: HeadAtWork): Encoded;
  /** Bytes of `count` rows of keys and of values read at once, the waiting ones at 2 bytes a number included. */
  bytes(count: number, at: HeadShape): Bytes;
  /** For a lane that goes on from here on its own; a codec that learns nothing needs no copy. */
  fork?(): Codec;
}

export interface CodecMember<T extends SettingTable = SettingTable> extends Member<T> {
  readonly role: 'codec';
  make(settings: Settings<T>, inner: readonly Codec[]): Codec;
}

/** @throws Error: a codec has no code for what is no number */
export function mustBeFinite(rows: Float32Array): void {
  for (let i = 0; i < rows.length; i++) {
    if (!Number.isFinite(rows[i])) throw new Error(`A codec writes finite numbers, and number ${i} is ${rows[i]}.`);
  }
}

/** Keeps the settings' literal type, so that `make` sees `settings.bits` as a number. */
export const defineCodec = <const T extends SettingTable>(codec: Omit<CodecMember<T>, 'role'>): CodecMember<T> => ({
  ...codec,
  role: 'codec',
});
