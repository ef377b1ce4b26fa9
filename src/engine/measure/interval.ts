import { seeded } from '../random.ts';

/** The ends of an interval. */
export type Within = readonly [low: number, high: number];

/**
 * Wilson's 95 % interval of a share, which holds its place where few or all of `n` are right.
 * Based on E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927).
 * @returns the ends, from 0 to 1; all of it where nothing was asked
 */
export function interval(right: number, n: number): Within {
  if (!n) return [0, 1];
  const z = 1.959964;
  const share = right / n;
  const width = 1 + (z * z) / n;
  const middle = (share + (z * z) / (2 * n)) / width;
  const reach = (z / width) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}

/**
 * The 95 % interval of a mean, where numbers are few and lopsided, as divergences are: the middle 95 % of the means of samples drawn from them with
 * replacement, always the same ones. Based on B. Efron, "Bootstrap Methods: Another Look at the Jackknife" (1979).
 * @returns the ends; [0, 0] of no numbers
 */
export function meanInterval(numbers: readonly number[], samples = 2000): Within {
  const n = numbers.length;
  if (!n) return [0, 0];
  const random = seeded(n);
  const means = Float64Array.from({ length: samples }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += numbers[Math.floor(random() * n)]!;
    return sum / n;
  }).sort();
  return [means[Math.floor(samples * 0.025)]!, means[Math.ceil(samples * 0.975) - 1]!];
}
