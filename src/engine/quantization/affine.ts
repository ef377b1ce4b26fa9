import { pack } from './pack.ts';

/** Codes of groups, and what turns each group back into numbers. */
export interface Grouped {
  /** One code a number, in the order of the rows. */
  readonly numbers: Uint8Array;
  /** The same codes side by side, as they are stored. */
  readonly codes: Uint32Array;
  readonly scale: Float32Array;
  readonly zero: Float32Array;
}

/** Adding it to a number below 2^51 and taking it away again rounds to the nearest integer, halves to the even one, as torch does. */
const toInteger = 1.5 * 2 ** 52;

/**
 * Asymmetric group quantization, for which codecs differ only in what they group:
 *
 *     z = min of the group        s = (max - min) / (2^bits - 1)        q = roundHalfEven(clip((x - z) / s, 0, 2^bits - 1))        x^ = q * s + z
 *
 * A constant group has s = 0: then q = 0 and x^ = z, exactly. Each row is cut into groups of `group` numbers; the last one may be shorter.
 * @param rows [n][width]
 */
export function encodeRows(rows: Float32Array, width: number, group: number, bits: number): Grouped {
  const perRow = Math.ceil(width / group);
  const count = (rows.length / width) * perRow;
  const numbers = new Uint8Array(rows.length);
  const scale = new Float32Array(count);
  const zero = new Float32Array(count);
  const highest = 2 ** bits - 1;
  eachGroup(rows.length, width, group, (at, start, end) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = start; i < end; i++) {
      const x = rows[i]!;
      if (x < low) low = x;
      if (x > high) high = x;
    }
    zero[at] = low;
    scale[at] = (high - low) / highest;
    const step = scale[at]!;
    if (step === 0) return;
    for (let i = start; i < end; i++) {
      const q = (rows[i]! - low) / step + toInteger - toInteger;
      numbers[i] = q > highest ? highest : q;
    }
  });
  return {
    numbers,
    scale,
    zero,
    get codes() {
      return pack(numbers, bits);
    },
  };
}

/** @returns [n][width] */
export function decodeRows({ numbers, scale, zero }: Grouped, width: number, group: number): Float32Array {
  const rows = new Float32Array(numbers.length);
  eachGroup(numbers.length, width, group, (at, start, end) => {
    const [step, low] = [scale[at]!, zero[at]!];
    for (let i = start; i < end; i++) rows[i] = numbers[i]! * step + low;
  });
  return rows;
}

function eachGroup(
  length: number,
  width: number,
  group: number,
  visit: (at: number, start: number, end: number) => void,
) {
  let at = 0;
  for (let row = 0; row < length; row += width) {
    for (let start = row; start < row + width; start += group) visit(at++, start, Math.min(start + group, row + width));
  }
}
