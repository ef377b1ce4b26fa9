import type { Settings, SettingTable } from '../settings.ts';
import type { Codec } from './types.ts';

/**
 * Replaces numbers by what is left of them after encoding and decoding, in place: what attention will read from now on.
 * Pass only tokens that have just become encoded. Those that were encoded before would be written a second time, on a grid of their own.
 * @param rows [tokens][headDim]
 */
export function roundTrip<T extends SettingTable>(
  codec: Codec<T>,
  side: 'keys' | 'values',
  rows: Float32Array,
  headDim: number,
  settings: Settings<T>,
): void {
  const tokens = rows.length / headDim;
  rows.set(
    side === 'keys'
      ? codec.decodeKeys(codec.encodeKeys(rows, headDim, settings), tokens, headDim, settings)
      : codec.decodeValues(codec.encodeValues(rows, headDim, settings), tokens, headDim, settings),
  );
}
