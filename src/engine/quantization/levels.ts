/** Steps that a density is summed over. */
const fine = 4096;

/**
 * The levels that make the mean squared error least for a density, each number going to its nearest one (Lloyd 1957, Max 1960): every level is the mean of
 * what goes to it. Levels ascend.
 * @param weights of equal pieces of [low, high]; they need no scale
 */
export function bestLevels(weights: ArrayLike<number>, low: number, high: number, count: number): Float64Array {
  const step = (high - low) / weights.length;
  const place = (i: number) => low + (i + 0.5) * step;
  const levels = quantiles(weights, count).map(place);
  for (let round = 0; round < 200; round++) {
    const [mass, moment] = [new Float64Array(count), new Float64Array(count)];
    for (let i = 0, own = 0; i < weights.length; i++) {
      while (own + 1 < count && 2 * place(i) > levels[own]! + levels[own + 1]!) own++;
      mass[own]! += weights[i]!;
      moment[own]! += weights[i]! * place(i);
    }
    let moved = 0;
    for (let own = 0; own < count; own++) {
      if (!mass[own]) continue;
      const mean = moment[own]! / mass[own]!;
      moved = Math.max(moved, Math.abs(mean - levels[own]!));
      levels[own] = mean;
    }
    if (moved < step * 1e-3) break;
  }
  return levels;
}

/** Where the middles of `count` equal shares lie, as pieces. */
function quantiles(weights: ArrayLike<number>, count: number): Float64Array {
  const total = Array.from(weights).reduce((a, b) => a + b, 0);
  const found = new Float64Array(count);
  for (let i = 0, passed = 0, own = 0; i < weights.length && own < count; i++) {
    passed += weights[i]!;
    while (own < count && passed >= ((own + 0.5) / count) * total) found[own++] = i;
  }
  return found;
}

/** The same for a density that is given as a function. */
export const levelsOf = (density: (x: number) => number, low: number, high: number, count: number): Float64Array =>
  bestLevels(
    Float64Array.from({ length: fine }, (_, i) => density(low + ((i + 0.5) * (high - low)) / fine)),
    low,
    high,
    count,
  );

/** The nearest of ascending levels; halfway between two, the lower one. */
export function nearestLevel(levels: ArrayLike<number>, x: number): number {
  let [low, high] = [0, levels.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (2 * x > levels[middle]! + levels[middle + 1]!) low = middle + 1;
    else high = middle;
  }
  return low;
}
