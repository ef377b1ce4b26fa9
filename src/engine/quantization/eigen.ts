/**
 * Eigenvectors of a symmetric matrix, by the size of their eigenvalues, largest first (Jacobi's rotations, 1846): each turns one pair of axes so that the
 * entry between them becomes 0, until none is left that matters.
 * @param matrix [size][size], which is changed
 * @returns [size][size], a vector a row
 */
export function eigenvectors(matrix: Float64Array, size: number): Float64Array {
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  for (let round = 0; round < 30 && offDiagonal(matrix, size) > 1e-14; round++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) turn(matrix, vectors, size, p, q);
  }
  const order = Array.from({ length: size }, (_, i) => i).sort(
    (a, b) => matrix[b * size + b]! - matrix[a * size + a]! || a - b,
  );
  const sorted = new Float64Array(size * size);
  order.forEach((from, to) => sorted.set(vectors.subarray(from * size, (from + 1) * size), to * size));
  return sorted;
}

/** Squares beside the diagonal over all squares. */
function offDiagonal(matrix: Float64Array, size: number): number {
  let [off, all] = [0, 0];
  matrix.forEach((x, at) => {
    all += x * x;
    if (at % (size + 1)) off += x * x;
  });
  return all ? off / all : 0;
}

function turn(matrix: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const between = matrix[p * size + q]!;
  if (between === 0) return;
  const slope = (matrix[q * size + q]! - matrix[p * size + p]!) / (2 * between);
  const tangent = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.sqrt(slope * slope + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let k = 0; k < size; k++) mix(matrix, k * size + p, k * size + q, cosine, sine);
  for (let k = 0; k < size; k++) mix(matrix, p * size + k, q * size + k, cosine, sine);
  for (let k = 0; k < size; k++) mix(vectors, p * size + k, q * size + k, cosine, sine);
}

function mix(numbers: Float64Array, a: number, b: number, cosine: number, sine: number): void {
  const [x, y] = [numbers[a]!, numbers[b]!];
  numbers[a] = cosine * x - sine * y;
  numbers[b] = sine * x + cosine * y;
}
