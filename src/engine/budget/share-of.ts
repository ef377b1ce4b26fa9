/**
 * The share of `count` entries that a budget is: budget / count, but where a share that was written in decimals, or what it leaves, gives the same budget,
 * that one. kvpress multiplies its share by other numbers than the count, and cuts off: there a last bit decides.
 */
export function shareOf(budget: number, count: number): number {
  const plain = budget / count;
  const decimal = 1 - Number((1 - plain).toPrecision(12));
  return count * decimal === budget ? decimal : plain;
}
