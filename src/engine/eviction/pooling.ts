/** Each entry becomes the mean of its `kernel` neighbours. Zero padding is counted: every sum is divided by `kernel`, which is odd. */
export const averagePool = (row: Float64Array, kernel: number): Float64Array =>
  pool(row, kernel, (near) => near.reduce((a, b) => a + b, 0) / kernel);

/** Each entry becomes the highest of its `kernel` neighbours, itself included; `kernel` is odd. */
export const maxPool = (row: Float64Array, kernel: number): Float64Array =>
  pool(row, kernel, (near) => near.reduce((a, b) => Math.max(a, b), -Infinity));

function pool(row: Float64Array, kernel: number, of: (near: Float64Array) => number): Float64Array {
  const reach = (kernel - 1) / 2;
  return row.map((_, j) => of(row.subarray(Math.max(0, j - reach), j + reach + 1)));
}
