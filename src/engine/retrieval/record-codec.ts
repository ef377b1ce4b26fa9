import { encodeInGroups } from '../quantization/groups.ts';
import type { Codec, Encoded } from '../quantization/types.ts';

/** Bytes of a scale, and of a zero, at 16 bits. */
const half = 2;

/** Bytes of a key and a value of one head: codes, and a scale for each; with more than a sign, a zero too. */
const recordBytes = (bits: number, headDim: number) => 2 * ((headDim * bits) / 8 + (bits === 1 ? 1 : 2) * half);

/** The most bits of a number, of 1, 2, 4 and 8, with which a record fits; signs where nothing does. */
export const recordBits = (bytes: number, headDim: number): number =>
  [8, 4, 2].find((bits) => recordBytes(bits, headDim) <= bytes) ?? 1;

/** How records are written: each row is a group of its own, so that it can be read alone. */
export const recordCodec = (bits: number): Pick<Codec, 'basis' | 'encode'> => ({
  basis: () => 'cached',
  encode: (rows, _side, { headDim }) =>
    bits === 1 ? signs(rows, headDim) : encodeInGroups(rows, headDim, { along: 'columns', size: headDim }, bits),
});

/** The sign of each number, and the mean of their sizes: the nearest row of that shape. x^ = sign(x) * mean |x| */
function signs(rows: Float32Array, width: number): Encoded {
  const count = rows.length / width;
  const scale = Float32Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let c = row * width; c < (row + 1) * width; c++) sum += Math.abs(rows[c]!);
    return sum / width;
  });
  return {
    bits: 1,
    overhead: count * half,
    parts: () => ({
      codes: { numbers: Uint8Array.from(rows, (x) => Number(x >= 0)), shape: [count, width], bits: 1 },
      scales: { numbers: scale, shape: [count], bits: 8 * half },
    }),
    decode: () => rows.map((x, at) => (x < 0 ? -1 : 1) * scale[Math.floor(at / width)]!),
  };
}
