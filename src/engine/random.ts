/** A seeded stream of numbers in [0, 1). The engine never calls Math.random, so that a link shows the same run everywhere. */
export type Random = () => number;

/**
 * sfc32 (Chris Doty-Humphrey, PractRand), seeded through splitmix32 so that neighbouring seeds do not resemble each other.
 * @param seed any integer; it is taken modulo 2^32
 */
export function seeded(seed: number): Random {
  let mix = seed >>> 0;
  const next = () => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, counter] = [next(), next(), next(), 1];
  return () => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + sum) >>> 0;
    return sum / 4294967296;
  };
}

/** An integer from `low` to `high`, both included. */
export const integer = (random: Random, low: number, high: number) => low + Math.floor(random() * (high - low + 1));

export const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

/** A shuffled copy (Fisher-Yates). */
export function shuffle<T>(random: Random, items: readonly T[]): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = integer(random, 0, i);
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
