/** The few pieces of linear algebra that rules share. Rows lie one behind the other: [count, width]. */

export function dot(
  a: ArrayLike<number>,
  aStart: number,
  b: ArrayLike<number>,
  bStart: number,
  length: number,
): number {
  let sum = 0;
  for (let c = 0; c < length; c++) sum += a[aStart + c]! * b[bStart + c]!;
  return sum;
}

/** The squared length of each row. @returns [count] */
export function rowSquares(rows: ArrayLike<number>, width: number): Float64Array {
  const squares = new Float64Array(rows.length / width);
  for (let j = 0; j < squares.length; j++) squares[j] = dot(rows, j * width, rows, j * width, width);
  return squares;
}

/** The Euclidean length of each row. @returns [count] */
export const rowNorms = (rows: ArrayLike<number>, width: number): Float64Array =>
  rowSquares(rows, width).map(Math.sqrt);

/** The mean of all rows. @returns [width] */
export function meanRow(rows: ArrayLike<number>, width: number): Float64Array {
  const mean = new Float64Array(width);
  for (let at = 0; at < rows.length; at += width) {
    for (let c = 0; c < width; c++) mean[c]! += rows[at + c]!;
  }
  return mean.map((sum) => (sum * width) / rows.length);
}

/** Rows less their mean. @returns [count, width] */
export function centered(rows: ArrayLike<number>, mean: Float64Array): Float64Array {
  const rest = new Float64Array(rows);
  for (let at = 0; at < rest.length; at += mean.length) {
    for (let c = 0; c < mean.length; c++) rest[at + c]! -= mean[c]!;
  }
  return rest;
}

/** Rows scaled to length one; a row of zeros stays one. @returns [count, width] */
export function unitRows(rows: ArrayLike<number>, width: number): Float64Array {
  const units = new Float64Array(rows);
  for (let at = 0; at < rows.length; at += width) {
    const length = Math.sqrt(dot(rows, at, rows, at, width)) || 1;
    for (let c = at; c < at + width; c++) units[c]! /= length;
  }
  return units;
}

/** In place. @param logits [count]; nothing happens to an empty list */
export function softmax(logits: Float64Array): Float64Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let total = 0;
  for (let j = 0; j < logits.length; j++) total += logits[j] = Math.exp(logits[j]! - highest);
  for (let j = 0; j < logits.length; j++) logits[j]! /= total;
  return logits;
}

/**
 * Scores of all heads of a layer together, shifted to mean 0 and scaled to standard deviation 1 (with n - 1), in place. Equal scores become 0.
 * @param rows for each KV head [count]
 */
export function standardize(rows: readonly Float64Array[]): void {
  const count = rows.reduce((sum, { length }) => sum + length, 0);
  const add = (of: (score: number) => number) =>
    rows.reduce((sum, row) => row.reduce((total, score) => total + of(score), sum), 0);
  const mean = add((score) => score) / count;
  const deviation = Math.sqrt(add((score) => (score - mean) ** 2) / Math.max(1, count - 1));
  for (const row of rows) row.forEach((score, j) => (row[j] = (score - mean) / Math.max(deviation, 1e-6)));
}

/**
 * sum over i of weights[i] x_i x_i^T, plus `ridge` on the diagonal.
 * @param rows [count, width] @returns [width, width], symmetric
 */
export function gram(rows: ArrayLike<number>, width: number, ridge: number, weights?: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(width * width);
  for (let at = 0, i = 0; at < rows.length; at += width, i++) {
    for (let a = 0; a < width; a++) {
      const x = rows[at + a]! * (weights ? weights[i]! : 1);
      for (let b = 0; b <= a; b++) sums[a * width + b]! += x * rows[at + b]!;
    }
  }
  for (let a = 0; a < width; a++) {
    sums[a * width + a]! += ridge;
    for (let b = 0; b < a; b++) sums[b * width + a] = sums[a * width + b]!;
  }
  return sums;
}

/**
 * x_i^T A^-1 x_i for each row: with A = L L^T, the squared length of L^-1 x_i.
 * @param matrix A [width, width], symmetric and positive definite @param rows [count, width] @returns [count]
 */
export function leverages(matrix: Float64Array, rows: ArrayLike<number>, width: number): Float64Array {
  const lower = cholesky(matrix, width);
  const solved = new Float64Array(width);
  return new Float64Array(rows.length / width).map((_, i) => {
    let squares = 0;
    for (let a = 0; a < width; a++) {
      const rest = rows[i * width + a]! - dot(lower, a * width, solved, 0, a);
      solved[a] = rest / lower[a * width + a]!;
      squares += solved[a]! ** 2;
    }
    return squares;
  });
}

/** @returns L [width, width], lower triangular, with matrix = L L^T */
function cholesky(matrix: Float64Array, width: number): Float64Array {
  const lower = new Float64Array(width * width);
  for (let a = 0; a < width; a++) {
    for (let b = 0; b <= a; b++) {
      const rest = matrix[a * width + b]! - dot(lower, a * width, lower, b * width, b);
      lower[a * width + b] = a === b ? Math.sqrt(rest) : rest / lower[b * width + b]!;
    }
  }
  return lower;
}

/**
 * The direction in which a matrix stretches most, by power iteration.
 * @param matrix [width, width], symmetric and without negative eigenvalues @returns [width] of length one; the sign is arbitrary
 */
export function principal(matrix: Float64Array, width: number): Float64Array {
  // One column may stand at right angles to what is sought; a mixture of all, in shares of no simple ratio, does not.
  let direction: Float64Array = new Float64Array(width);
  for (let a = 0; a < width; a++) {
    const share = 1 + ((a * 0.6180339887498949) % 1);
    for (let b = 0; b < width; b++) direction[b]! += share * matrix[a * width + b]!;
  }
  for (let round = 0; round < 1000; round++) {
    direction = unitRows(
      direction.map((_, a) => dot(matrix, a * width, direction, 0, width)),
      width,
    );
  }
  return direction;
}
