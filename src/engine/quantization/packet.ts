import { encodeGroups } from './affine.ts';
import { half, numberOf, patterns, toFloat } from './float.ts';
import { rangeDecode, rangeEncode } from './range-coder.ts';

/** Bits of an anchor's grid. */
const anchorBits = 8;

/** What both ends know of a packet. */
export interface Shape {
  readonly width: number;
  readonly bits: number;
  /** Tokens that share an anchor; without end where there are none. */
  readonly group: number;
}

/** The first of each group, and all others. @returns their tokens, ascending */
function split(tokens: number, { group }: Shape): Record<'anchors' | 'others', number[]> {
  const all = Array.from({ length: tokens }, (_, token) => token);
  const isAnchor = (token: number) => group < Infinity && token % group === 0;
  return { anchors: all.filter(isAnchor), others: all.filter((token) => !isAnchor(token)) };
}

/** Some tokens, each on a symmetric grid of its own. @returns their codes, all at least 0, and scales as they are sent */
function grids(rows: Float32Array, width: number, bits: number): { codes: Uint8Array; scales: Uint16Array } {
  const { numbers, scale } = encodeGroups(rows, width, { along: 'columns', size: width }, bits, true);
  return {
    codes: numbers,
    scales: patterns(
      scale.map((x) => toFloat(x, half)),
      half,
    ),
  };
}

/** @returns [tokens][width] */
function readGrids(codes: Uint8Array, scales: Uint16Array, width: number, bits: number): Float32Array {
  const middle = 2 ** (bits - 1) - 1;
  const sizes = Array.from(scales, (pattern) => numberOf(pattern, half));
  return Float32Array.from(codes, (code, i) => (code - middle) * sizes[Math.floor(i / width)]!);
}

/** Takes from some tokens, or gives back to them, the anchors of their groups. @param rows [others][width], changed */
function shift(
  rows: Float32Array,
  others: readonly number[],
  anchors: Float32Array,
  { width, group }: Shape,
  by: 1 | -1,
): void {
  if (!anchors.length) return;
  others.forEach((token, i) => {
    const from = Math.floor(token / group) * width;
    for (let c = 0; c < width; c++) rows[i * width + c]! += by * anchors[from + c]!;
  });
}

const gather = (rows: Float32Array, tokens: readonly number[], width: number) => {
  const some = new Float32Array(tokens.length * width);
  tokens.forEach((token, i) => some.set(rows.subarray(token * width, (token + 1) * width), i * width));
  return some;
};

/**
 * Rows of one head for the way, in this order: how many there are, and the scale of each, anchors first, in 16 bits; the anchors' codes; for each column how often
 * each code of the others comes, a byte each; and those codes as the range coder writes them with these counts. No rows are no bytes.
 * @param rows [tokens][width], at most 65535 tokens
 */
export function pack(rows: Float32Array, shape: Shape): Uint8Array {
  if (!rows.length) return new Uint8Array(0);
  const { width, bits } = shape;
  const { anchors, others } = split(rows.length / width, shape);
  const first = grids(gather(rows, anchors, width), width, anchorBits);
  const rest = gather(rows, others, width);
  shift(rest, others, readGrids(first.codes, first.scales, width, anchorBits), shape, -1);
  const { codes, scales } = grids(rest, width, bits);
  const tables = countsOf(codes, width, 2 ** bits - 1);
  const parts = [
    ...[Uint16Array.of(rows.length / width), first.scales, scales].map(bytesOf),
    ...[first.codes, ...tables, rangeEncode(codes, tables)],
  ];
  return joined(parts);
}

/** @returns [tokens][width] */
export function unpack(wire: Uint8Array, shape: Shape): Float32Array {
  if (!wire.length) return new Float32Array(0);
  const { width, bits } = shape;
  let at = 0;
  const next = (bytes: number) => wire.subarray(at, (at += bytes));
  const tokens = numbersOf(next(2))[0]!;
  const { anchors, others } = split(tokens, shape);
  const [firstScales, scales] = [anchors, others].map(({ length }) => numbersOf(next(2 * length)));
  const first = readGrids(next(anchors.length * width), firstScales!, width, anchorBits);
  const tables = Array.from({ length: width }, () => next(2 ** bits - 1));
  const rest = readGrids(rangeDecode(wire.subarray(at), others.length * width, tables), scales!, width, bits);
  shift(rest, others, first, shape, 1);
  const rows = new Float32Array(tokens * width);
  anchors.forEach((token, i) => rows.set(first.subarray(i * width, (i + 1) * width), token * width));
  others.forEach((token, i) => rows.set(rest.subarray(i * width, (i + 1) * width), token * width));
  return rows;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Numbers of 16 bits as bytes, the low one first. */
const bytesOf = (numbers: Uint16Array) => Uint8Array.from(Array.from(numbers).flatMap((x) => [x & 255, x >> 8]));
const numbersOf = (bytes: Uint8Array) =>
  Uint16Array.from({ length: bytes.length / 2 }, (_, i) => bytes[2 * i]! | (bytes[2 * i + 1]! << 8));

/** How often each code comes in each channel, in a byte: where one comes more often, all are shrunk alike, and what comes at all stays above 0. */
function countsOf(codes: Uint8Array, width: number, symbols: number): Uint8Array[] {
  const tables = Array.from({ length: width }, () => new Uint32Array(symbols));
  codes.forEach((code, i) => tables[i % width]![code]!++);
  return tables.map((table) => {
    const shrink = Math.max(1, Math.max(...table) / 255);
    return Uint8Array.from(table, (count) => count && Math.max(1, Math.round(count / shrink)));
  });
}
