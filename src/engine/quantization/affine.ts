import { pack, unpack } from './pack.ts';
import type { Encoded } from './types.ts';

/**
 * Asymmetric group quantization, for which the codecs differ only in what they group:
 *
 *     z = min of the group        s = (max - min) / (2^bits - 1)        q = roundHalfEven(clip((x - z) / s, 0, 2^bits - 1))        x^ = q * s + z
 *
 * A constant group has s = 0: then q = 0 and x^ = z, exactly. Each row is cut into groups of `group` numbers; the last one may be shorter.
 * @param rows [n][width]
 */
export function encodeRows(rows: Float32Array, width: number, group: number, bits: number): Encoded {
  const codes = new Uint8Array(rows.length);
  const groups = groupsOf(rows.length, width, group);
  const scale = new Float32Array(groups.length);
  const zero = new Float32Array(groups.length);
  groups.forEach(([start, end], at) => {
    const numbers = rows.subarray(start, end);
    const [low, high] = range(numbers);
    zero[at] = low;
    scale[at] = (high - low) / (2 ** bits - 1);
    quantize(numbers, codes.subarray(start, end), scale[at]!, low, bits);
  });
  return { codes: pack(codes, bits), scale, zero };
}

/** @returns [n][width] */
export function decodeRows(
  { codes, scale, zero }: Encoded,
  length: number,
  width: number,
  group: number,
  bits: number,
): Float32Array {
  const rows = new Float32Array(unpack(codes, bits, length));
  groupsOf(length, width, group).forEach(([start, end], at) => {
    for (let i = start; i < end; i++) rows[i] = rows[i]! * scale[at]! + zero[at]!;
  });
  return rows;
}

/** Where each group starts and ends. */
function groupsOf(length: number, width: number, group: number): [start: number, end: number][] {
  const groups: [number, number][] = [];
  for (let row = 0; row < length; row += width) {
    for (let start = row; start < row + width; start += group)
      groups.push([start, Math.min(start + group, row + width)]);
  }
  return groups;
}

function range(numbers: Float32Array): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const x of numbers) {
    if (x < low) low = x;
    if (x > high) high = x;
  }
  return [low, high];
}

/** Fills in the codes, which are zero so far. */
function quantize(numbers: Float32Array, codes: Uint8Array, scale: number, zero: number, bits: number): void {
  if (scale === 0) return;
  const highest = 2 ** bits - 1;
  for (let i = 0; i < numbers.length; i++)
    codes[i] = roundHalfEven(Math.min(Math.max((numbers[i]! - zero) / scale, 0), highest));
}

/** The nearest integer; halfway between two, the even one. Math.round would go up, and torch does not. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
