import { half, toFloat } from './float.ts';
import { levelsOf, nearestLevel } from './levels.ts';
import { rotationOf, times, timesTransposed } from './rotation.ts';
import { defineCodec, mustBeFinite, type Encoded, type Part } from './types.ts';

/** Bits of an angle, from the first level to the last. */
const angleBits = [4, 2, 2, 2];

/** Levels that a vector has: it is halved as often as it can be, four times at most. */
function depthOf(headDim: number): number {
  let depth = 0;
  while (depth < angleBits.length && headDim % 2 ** (depth + 1) === 0) depth++;
  return depth;
}

let grids: readonly Float64Array[] | undefined;

/**
 * Best grid for the angles of a level, made when it is first asked for. The first is spread evenly around the circle; the second to fourth follow
 * sin(2a)^(2^(level-1) - 1) on a quarter of it, counting levels from 1.
 */
function gridOf(level: number): Float64Array {
  grids ??= angleBits.map((bits, at) =>
    at
      ? levelsOf((angle) => Math.sin(2 * angle) ** (2 ** at - 1), 0, Math.PI / 2, 2 ** bits)
      : Float64Array.from({ length: 2 ** bits }, (_, k) => ((k + 0.5) * 2 * Math.PI) / 2 ** bits - Math.PI),
  );
  return grids[level]!;
}

/**
 * Polar coordinates of a vector that was turned at random: pairs become a radius and an angle, pairs of radii again, four times. Angles have known laws, so
 * that one grid made once serves all and no scale is stored; the radii that are left are 16-bit floats. Based on "PolarQuant: Quantizing KV Caches with Polar
 * Transformation" (arXiv 2502.02617). 3.875 bits a number where headDim is a multiple of 16; other sizes are halved as often as they can be.
 * Parts: `angles_1` [n][headDim / 2] to `angles_4` [n][headDim / 16], `radii` [n][headDim / 16].
 */
export const polarquant = defineCodec({
  name: 'polarquant',
  caption: { name: 'PolarQuant', idea: 'turned at random, angles on a fixed grid' },
  source: 'arXiv 2502.02617',
  settings: {},
  make: () => ({
    basis: () => 'cached',
    pending: (waiting) => waiting,
    encode(rows, _side, { headDim }) {
      mustBeFinite(rows);
      const { bits, beside } = costOf(headDim);
      return { bits, overhead: (rows.length / headDim) * beside, ...encode(rows, headDim) };
    },
    bytes(count, { headDim }) {
      const { bits, beside } = costOf(headDim);
      const side = (count * headDim * bits) / 8;
      return { keys: side, values: side, metadata: 2 * count * beside };
    },
  }),
});

/** Whole bits of angles that a number has, and the bytes of a vector beyond them. */
function costOf(headDim: number): { bits: number; beside: number } {
  const depth = depthOf(headDim);
  let [angles, width] = [0, headDim];
  for (let level = 0; level < depth; level++) angles += (width /= 2) * angleBits[level]!;
  const bits = Math.floor(angles / headDim);
  return { bits, beside: (angles + 16 * width - bits * headDim) / 8 };
}

function encode(rows: Float32Array, headDim: number): Omit<Encoded, 'bits' | 'overhead'> {
  const n = rows.length / headDim;
  const depth = depthOf(headDim);
  const rotation = rotationOf(headDim);
  const codes = Array.from({ length: depth }, (_, level) => new Uint8Array((n * headDim) / 2 ** (level + 1)));
  const last = headDim / 2 ** depth;
  const radii = new Float32Array(n * last);
  for (let token = 0; token < n; token++) {
    let numbers = times(rotation, rows.subarray(token * headDim, (token + 1) * headDim));
    for (let level = 0; level < depth; level++) {
      const pairs = numbers.length / 2;
      for (let i = 0; i < pairs; i++) {
        const angle = Math.atan2(numbers[2 * i + 1]!, numbers[2 * i]!);
        codes[level]![token * pairs + i] = nearestLevel(gridOf(level), angle);
      }
      numbers = lengthsOf(numbers);
    }
    radii.set(
      numbers.map((radius) => toFloat(radius, half)),
      token * last,
    );
  }
  const angles = (level: number): Part => ({
    numbers: codes[level]!,
    shape: [n, headDim / 2 ** (level + 1)],
    bits: angleBits[level]!,
  });
  return {
    parts: () => ({
      ...Object.fromEntries(codes.map((_, level) => [`angles_${level + 1}`, angles(level)])),
      radii: { numbers: radii, shape: [n, last], bits: 16 },
    }),
    decode() {
      const decoded = new Float32Array(rows.length);
      for (let token = 0; token < n; token++) {
        let numbers = Float64Array.from(radii.subarray(token * last, (token + 1) * last));
        for (let level = depth - 1; level >= 0; level--) {
          const wider = new Float64Array(2 * numbers.length);
          for (let i = 0; i < numbers.length; i++) {
            const angle = gridOf(level)[codes[level]![token * numbers.length + i]!]!;
            wider[2 * i] = numbers[i]! * Math.cos(angle);
            wider[2 * i + 1] = numbers[i]! * Math.sin(angle);
          }
          numbers = wider;
        }
        decoded.set(timesTransposed(rotation, numbers), token * headDim);
      }
      return decoded;
    },
  };
}

/** Lengths of neighbouring pairs. */
function lengthsOf(numbers: Float64Array): Float64Array {
  const lengths = new Float64Array(numbers.length / 2);
  for (let i = 0; i < lengths.length; i++) lengths[i] = Math.sqrt(numbers[2 * i]! ** 2 + numbers[2 * i + 1]! ** 2);
  return lengths;
}
