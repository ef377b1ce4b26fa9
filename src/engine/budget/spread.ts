/** What every layer gets in any case, for budgets whose weights may come out near zero. */
export const least = {
  kind: 'number',
  default: 4,
  min: 0,
  max: 64,
  step: 1,
  about: 'Entries that every layer keeps in any case.',
} as const;

/**
 * Shares out what layers get: each by its weight, but no more than it can hold. What is above that goes to the others, in equal parts.
 * @param weights of the layers, not negative; equal ones where all are zero or one is no number
 * @param mean entries a head, on average over the layers
 * @param most entries that a head of a layer can hold, `least` what it gets in any case, where the mean allows it
 * @returns for each layer entries a head; they need not be whole
 */
export function spread(weights: readonly number[], mean: number, most: number, least = 0): number[] {
  const count = weights.length;
  const base = Math.min(least, mean);
  const total = weights.reduce((a, b) => a + b, 0);
  const shares = weights.map((weight) => (total > 0 && Number.isFinite(total) ? weight / total : 1 / count));
  const amounts = shares.map((share) => base + (mean - base) * count * share);
  for (let turn = 0; turn < count; turn++) {
    const above = amounts.reduce((sum, amount) => sum + Math.max(0, amount - most), 0);
    const open = amounts.flatMap((amount, at) => (amount < most ? [at] : []));
    amounts.forEach((amount, at) => (amounts[at] = Math.min(amount, most)));
    for (const at of open) amounts[at]! += above / open.length;
  }
  // What comes out of doubles may lie a hair beside the whole number that it stands for.
  return amounts.map((amount) => (Math.abs(amount - Math.round(amount)) < 1e-9 ? Math.round(amount) : amount));
}
