import { eigenvectors } from './eigen.ts';
import { half, toFloat } from './float.ts';
import { times, timesTransposed, type Matrix } from './rotation.ts';

/** The directions in which rows vary most: their first right singular vectors, as 16-bit floats. @param rows [n][width] @returns [rank][width] */
export function directionsOf(rows: Float32Array, width: number, rank: number): Matrix {
  const products = new Float64Array(width * width);
  for (let start = 0; start < rows.length; start += width) {
    for (let a = 0; a < width; a++) {
      for (let b = 0; b < width; b++) products[a * width + b]! += rows[start + a]! * rows[start + b]!;
    }
  }
  const vectors = eigenvectors(products, width).subarray(0, rank * width);
  return { rows: rank, columns: width, numbers: vectors.map((x) => toFloat(x, half)) };
}

/** What rows have along each direction, as 16-bit floats. @param rows [n][width] @returns [n][rank] */
export function alongDirections(directions: Matrix, rows: Float32Array): Float32Array {
  const { rows: rank, columns: width } = directions;
  const numbers = new Float32Array((rows.length / width) * rank);
  for (let from = 0, to = 0; from < rows.length; from += width, to += rank) {
    const along = times(directions, rows.subarray(from, from + width));
    numbers.set(
      along.map((x) => toFloat(x, half)),
      to,
    );
  }
  return numbers;
}

/** The nearest rows that these numbers can say. @param numbers [n][rank] @returns [n][width] */
export function fromDirections(directions: Matrix, numbers: Float32Array): Float32Array {
  const { rows: rank, columns: width } = directions;
  const rows = new Float32Array((numbers.length / rank) * width);
  for (let from = 0, to = 0; from < numbers.length; from += rank, to += width) {
    rows.set(timesTransposed(directions, numbers.subarray(from, from + rank)), to);
  }
  return rows;
}
