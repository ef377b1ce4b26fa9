/**
 * The matrix that makes the most of one set of numbers out of another by least squares: M with the smallest |Y - X M|^2, from the normal equations
 * X^T X M = X^T Y.
 * @param x [n][width] @param y [n][width] @returns [width][width]; of directions that X does not have, nothing is made
 */
export function leastSquares(x: Float32Array, y: Float32Array, width: number): Float64Array {
  const gram = products(x, x, width);
  // So little that only a direction without any numbers feels it, which would divide by 0.
  const least = 1e-9 * Math.max(...gram.filter((_, i) => i % (width + 1) === 0), 1e-30);
  for (let i = 0; i < width; i++) gram[i * width + i]! += least;
  return solve(gram, products(x, y, width), width);
}

/** X^T Y. */
function products(x: Float32Array, y: Float32Array, width: number): Float64Array {
  const sums = new Float64Array(width * width);
  for (let row = 0; row < x.length; row += width) {
    for (let a = 0; a < width; a++) {
      for (let b = 0; b < width; b++) sums[a * width + b]! += x[row + a]! * y[row + b]!;
    }
  }
  return sums;
}

/** Gaussian elimination; needs no pivots, as the matrix is positive definite. Both arguments are used up. */
function solve(matrix: Float64Array, right: Float64Array, width: number): Float64Array {
  for (let pivot = 0; pivot < width; pivot++) {
    const scale = 1 / matrix[pivot * width + pivot]!;
    for (let c = 0; c < width; c++) {
      matrix[pivot * width + c]! *= scale;
      right[pivot * width + c]! *= scale;
    }
    for (let row = 0; row < width; row++) {
      const factor = matrix[row * width + pivot]!;
      if (row === pivot || factor === 0) continue;
      for (let c = 0; c < width; c++) {
        matrix[row * width + c]! -= factor * matrix[pivot * width + c]!;
        right[row * width + c]! -= factor * right[pivot * width + c]!;
      }
    }
  }
  return right;
}

/** X M. @param x [n][width] @param map [width][width] */
export function mapped(x: Float32Array, map: Float64Array, width: number): Float32Array {
  const y = new Float32Array(x.length);
  for (let row = 0; row < x.length; row += width) {
    for (let a = 0; a < width; a++) {
      for (let b = 0; b < width; b++) y[row + b]! += x[row + a]! * map[a * width + b]!;
    }
  }
  return y;
}

/**
 * The share of the variance of numbers that others explain: 1 - |Y - Y^|^2 / |Y - mean of its channel|^2. 1 where they are equal, 0 where the means would
 * do as well, and less where they would do better.
 * @param is [n][width] @param told the same
 */
export function explained(is: Float32Array, told: Float32Array, width: number): number {
  const means = new Float64Array(width);
  is.forEach((y, i) => (means[i % width]! += (y * width) / is.length));
  let [left, all] = [0, 0];
  is.forEach((y, i) => {
    left += (y - told[i]!) ** 2;
    all += (y - means[i % width]!) ** 2;
  });
  return all > 0 ? 1 - left / all : left > 0 ? 0 : 1;
}
