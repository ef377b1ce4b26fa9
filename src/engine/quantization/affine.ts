/** Which numbers of a matrix share a scale: `size` rows of one column, or `size` columns of one row; the last group may be smaller. */
export interface Grouping {
  readonly along: 'rows' | 'columns';
  readonly size: number;
}

/** Codes of groups, and what turns each group back into numbers: (code - middle) * scale + zero. */
export interface Grouped {
  /** The code of 0 where ranges are symmetric, else 0. */
  readonly middle: number;
  /** One code a number, in the order of the rows. */
  readonly numbers: Uint8Array;
  /** One for each group: row by row of groups, and in each from the first column to the last. */
  readonly scale: Float32Array;
  readonly zero: Float32Array;
}

/** Adding it to a number below 2^51 and taking it away again rounds to the nearest integer, halves to the even one, as torch does. */
const toInteger = 1.5 * 2 ** 52;

/** A row is walked in pieces: at once where every column is a group of its own, else group by group. `apart` is the step from one number's group to the next one's. */
const walk = (width: number, { along, size }: Grouping) =>
  along === 'rows'
    ? { piece: width, apart: 1, across: width }
    : { piece: size, apart: 0, across: Math.ceil(width / size) };

/**
 * Asymmetric group quantization, for which codecs differ only in what they group:
 *
 *     z = min of the group        s = (max - min) / (2^bits - 1)        q = roundHalfEven(clip((x - z) / s, 0, 2^bits - 1))        x^ = q * s + z
 *
 * A constant group has s = 0: then q = 0 and x^ = z, exactly. Symmetric: z = 0 and s = max |x| / (2^(bits-1) - 1), with as many steps below 0 as above,
 * and codes counted from the lowest. Rows are walked in their order, whatever the groups: they lie in memory like that.
 * @param rows [n][width]
 */
export function encodeGroups(
  rows: Float32Array,
  width: number,
  grouping: Grouping,
  bits: number,
  symmetric = false,
): Grouped {
  const { across, apart } = walk(width, grouping);
  const count =
    across * (grouping.along === 'rows' ? Math.ceil(rows.length / width / grouping.size) : rows.length / width);
  const low = new Float64Array(count).fill(Infinity);
  const high = new Float64Array(count).fill(-Infinity);
  eachPiece(rows.length, width, grouping, (start, end, first) => {
    for (let i = start, at = first; i < end; i++, at += apart) {
      const x = rows[i]!;
      if (x < low[at]!) low[at] = x;
      if (x > high[at]!) high[at] = x;
    }
  });
  const middle = symmetric ? 2 ** (bits - 1) - 1 : 0;
  const highest = symmetric ? 2 * middle : 2 ** bits - 1;
  const zero = symmetric ? new Float64Array(count) : low;
  const scale = Float32Array.from(low, (least, at) =>
    symmetric ? Math.max(high[at]!, -least) / middle : (high[at]! - least) / highest,
  );
  const numbers = new Uint8Array(rows.length);
  eachPiece(rows.length, width, grouping, (start, end, first) => {
    for (let i = start, at = first; i < end; i++, at += apart) {
      const step = scale[at]!;
      const q = step === 0 ? middle : (rows[i]! - zero[at]!) / step + toInteger - toInteger + middle;
      numbers[i] = q > highest ? highest : q < 0 ? 0 : q;
    }
  });
  return { numbers, middle, scale, zero: Float32Array.from(zero) };
}

/** @returns [n][width] */
export function decodeGroups(
  { numbers, middle, scale, zero }: Grouped,
  width: number,
  grouping: Grouping,
): Float32Array {
  const { apart } = walk(width, grouping);
  const rows = new Float32Array(numbers.length);
  eachPiece(rows.length, width, grouping, (start, end, first) => {
    for (let i = start, at = first; i < end; i++, at += apart)
      rows[i] = (numbers[i]! - middle) * scale[at]! + zero[at]!;
  });
  return rows;
}

/** Visits stretches of numbers whose groups follow one another, or are the same. */
function eachPiece(
  length: number,
  width: number,
  grouping: Grouping,
  visit: (start: number, end: number, group: number) => void,
) {
  const { piece, across } = walk(width, grouping);
  for (let start = 0, row = 0; start < length; start += width, row++) {
    let group = (grouping.along === 'rows' ? Math.floor(row / grouping.size) : row) * across;
    for (let from = 0; from < width; from += piece, group++)
      visit(start + from, start + Math.min(width, from + piece), group);
  }
}
