import { numberBytes } from '../room.ts';
import type { Codec, Encoded, HeadAtWork, Side } from './types.ts';

export interface RoundTrip {
  readonly written: Encoded;
  /** Rows that were written; the newest may wait at 16 bits. */
  readonly count: number;
  /** [n][headDim], what can be read back, the rows that wait included. */
  readonly decoded: Float32Array;
  /** Of all rows, those that wait included. */
  readonly bytes: number;
}

/** Writes as many of a head's rows as a codec wants now, and reads them back. @param rows [n][headDim] */
export function roundTrip(codec: Codec, rows: Float32Array, side: Side, at: HeadAtWork): RoundTrip {
  const { headDim } = at;
  const count = codec.pending(rows.length / headDim, side, at);
  const numbers = count * headDim;
  const written = codec.encode(rows.slice(0, numbers), side, at);
  const decoded = rows.slice();
  decoded.set(written.decode());
  const bytes = (numbers * written.bits) / 8 + written.overhead + (rows.length - numbers) * numberBytes;
  return { written, count, decoded, bytes };
}
