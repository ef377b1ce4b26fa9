import { bitsOf, half, toFloat } from './float.ts';
import { mustBeFinite, type Codec, type Encoded } from './types.ts';

/** Numbers of a block, which share a scale. */
const size = 32;

/**
 * A type of ggml's cache: 32 consecutive channels of a token are a block, which decodes to x^ = d * level(code) + m. The scale d and, where there is one,
 * the minimum m are 16-bit floats; codes are chosen with the unrounded ones.
 */
export interface BlockType {
  readonly bits: number;
  /** Levels of the codes, from the lowest code up; codes with a sign count from `lowest`. */
  readonly levels: Float32Array;
  readonly lowest: number;
  readonly minimum: boolean;
  /** Writes the codes of a block's numbers. @returns d and m before they are rounded to 16 bits */
  quantize(x: Float32Array, codes: Int8Array): readonly [d: number, m: number];
  /** Bytes of a block that hold its codes. */
  pack(codes: Int8Array): readonly number[];
}

/** Levels of `bits` bits one apart, of which code `zero` is 0. */
export const even = (bits: number, zero: number) => Float32Array.from({ length: 2 ** bits }, (_, code) => code - zero);

/**
 * Based on ggml's reference quantizers (ggml-quants.c, ggml-org/llama.cpp at 01243c5), in 32-bit arithmetic as there. A row that ends inside a block pays
 * for the whole block. Parts: `codes` [n][blocks * 32] as ggml stores them, `scales` and `zeros` (the minimum) [n][blocks]. Packed: the bytes of the blocks.
 */
export function blockCodec(type: BlockType): Codec {
  const blockBytes = (size * type.bits) / 8 + (type.minimum ? 4 : 2);
  const blocksIn = (headDim: number) => Math.ceil(headDim / size);
  // What a row pays beyond the codes of its own numbers.
  const beside = (headDim: number) => blocksIn(headDim) * blockBytes - (headDim * type.bits) / 8;
  return {
    basis: () => 'cached',
    pending: (waiting) => waiting,
    encode(rows, _side, { headDim }) {
      mustBeFinite(rows);
      const n = rows.length / headDim;
      return { bits: type.bits, overhead: n * beside(headDim), ...encodeBlocks(rows, n, headDim, type) };
    },
    bytes(count, { headDim }) {
      const side = (count * headDim * type.bits) / 8;
      return { keys: side, values: side, metadata: 2 * count * beside(headDim) };
    },
  };
}

function encodeBlocks(x: Float32Array, n: number, width: number, type: BlockType): Omit<Encoded, 'bits' | 'overhead'> {
  const across = Math.ceil(width / size);
  const codes = new Int8Array(n * across * size);
  const scales = new Float32Array(n * across);
  const zeros = new Float32Array(n * across);
  /** Where the numbers of a block are. */
  const start = (block: number) => Math.floor(block / across) * width + (block % across) * size;
  const length = (block: number) => Math.min(size, width - (block % across) * size);
  for (let block = 0; block < scales.length; block++) {
    const own = x.subarray(start(block), start(block) + length(block));
    const [d, m] = type.quantize(own, codes.subarray(block * size, (block + 1) * size));
    scales[block] = toFloat(d, half);
    zeros[block] = toFloat(m, half);
  }
  const decode = () => {
    const decoded = new Float32Array(x.length);
    for (let block = 0; block < scales.length; block++) {
      for (let i = 0, at = start(block); i < length(block); i++, at++) {
        decoded[at] = type.levels[codes[block * size + i]! - type.lowest]! * scales[block]! + zeros[block]!;
      }
    }
    return decoded;
  };
  const bytesOf = (number: number) => [bitsOf(number, half) & 255, bitsOf(number, half) >> 8];
  const bytesIn = (block: number) => [
    ...bytesOf(scales[block]!),
    ...(type.minimum ? bytesOf(zeros[block]!) : []),
    ...type.pack(codes.subarray(block * size, (block + 1) * size)),
  ];
  const shape = [n, across];
  return {
    parts: () => ({
      codes: { numbers: codes, shape: [n, across * size], bits: type.bits },
      scales: { numbers: scales, shape, bits: 16 },
      ...(type.minimum ? { zeros: { numbers: zeros, shape, bits: 16 } } : {}),
    }),
    packed: () => Uint8Array.from([...scales.keys()].flatMap(bytesIn)),
    decode,
  };
}

/** Low four bits of codes: number j in the low half of byte j, number j + 16 in its high half. */
export const nibbles = (codes: Int8Array): number[] =>
  Array.from({ length: size / 2 }, (_, j) => (codes[j]! & 15) | ((codes[j + size / 2]! & 15) << 4));

/** The fifth bits of 32 codes, four bytes, and then their nibbles. */
export const fives = (codes: Int8Array): number[] => [
  ...Array.from({ length: 4 }, (_, byte) =>
    codes.subarray(8 * byte, 8 * byte + 8).reduce((sum, code, bit) => sum | ((code >> 4) << bit), 0),
  ),
  ...nibbles(codes),
];

const { fround, trunc, min, max, abs } = Math;

export const inverse = (d: number) => (d ? fround(1 / d) : 0);

/** The number furthest from 0, the first of equals, with its sign. */
export function furthest(x: Float32Array): number {
  let most = 0;
  for (let i = 0; i < x.length; i++) if (abs(x[i]!) > abs(most)) most = x[i]!;
  return most;
}

/** As q4_0 and q5_0: the number furthest from 0 is the lowest level, whatever its sign. */
export const signed =
  (bits: number): BlockType['quantize'] =>
  (x, codes) => {
    const zero = 2 ** (bits - 1);
    const d = fround(furthest(x) / -zero);
    const id = inverse(d);
    for (let i = 0; i < x.length; i++) {
      codes[i] = min(2 * zero - 1, trunc(fround(fround(x[i]! * id) + zero + 0.5)));
    }
    return [d, 0];
  };

/** As q4_1 and q5_1: levels from the smallest number to the largest. */
export const ranged =
  (bits: number): BlockType['quantize'] =>
  (x, codes) => {
    const low = x.reduce((a, b) => min(a, b), Infinity);
    const high = x.reduce((a, b) => max(a, b), -Infinity);
    const highest = 2 ** bits - 1;
    const d = fround(fround(high - low) / highest);
    const id = inverse(d);
    for (let i = 0; i < x.length; i++) {
      codes[i] = min(highest, trunc(fround(fround(fround(x[i]! - low) * id) + 0.5)));
    }
    return [d, low];
  };
