import { seeded } from '../random.ts';

/** Numbers of a normal distribution (Box and Muller, 1958). */
export function gaussian(seed: number, count: number): Float64Array {
  const random = seeded(seed);
  return Float64Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

/** A matrix, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly numbers: Float64Array;
}

const rotations = new Map<number, Matrix>();

/** One fixed rotation of `size` dimensions, as random as any: Gaussian rows, made orthonormal one after the other (Gram and Schmidt). It is not stored with a cache. */
export function rotationOf(size: number): Matrix {
  let rotation = rotations.get(size);
  if (!rotation) rotations.set(size, (rotation = orthonormal(gaussian(size, size * size), size)));
  return rotation;
}

function orthonormal(numbers: Float64Array, size: number): Matrix {
  for (let row = 0; row < size; row++) {
    const own = numbers.subarray(row * size, (row + 1) * size);
    for (let other = 0; other < row; other++) {
      const along = numbers.subarray(other * size, (other + 1) * size);
      const share = dot(own, along);
      for (let c = 0; c < size; c++) own[c]! -= share * along[c]!;
    }
    const length = Math.sqrt(dot(own, own));
    for (let c = 0; c < size; c++) own[c]! /= length;
  }
  return { rows: size, columns: size, numbers };
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += a[c]! * b[c]!;
  return sum;
}

/** @returns matrix x [rows] */
export function times({ rows, columns, numbers }: Matrix, x: ArrayLike<number>): Float64Array {
  const product = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = 0;
    for (let c = 0; c < columns; c++, at++) sum += numbers[at]! * x[c]!;
    product[row] = sum;
  }
  return product;
}

/** @returns the transposed matrix times y [columns] */
export function timesTransposed({ rows, columns, numbers }: Matrix, y: ArrayLike<number>): Float64Array {
  const product = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    const weight = y[row]!;
    for (let c = 0; c < columns; c++, at++) product[c]! += weight * numbers[at]!;
  }
  return product;
}
