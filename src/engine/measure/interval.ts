/**
 * Wilson's 95 % interval of a share, which holds its place where few or all of `n` are right.
 * Based on E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927).
 * @returns the ends, from 0 to 1; all of it where nothing was asked
 */
export function interval(right: number, n: number): readonly [number, number] {
  if (!n) return [0, 1];
  const z = 1.959964;
  const share = right / n;
  const width = 1 + (z * z) / n;
  const middle = (share + (z * z) / (2 * n)) / width;
  const reach = (z / width) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}
