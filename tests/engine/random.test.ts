import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integer, pick, seeded, shuffle } from '../../src/engine/random.ts';

const draw = (seed: number, count: number) => {
  const random = seeded(seed);
  return Array.from({ length: count }, random);
};

describe('seeded', () => {
  // Published links depend on these: whoever changes the generator changes every text. Whole 32-bit words, so that the numbers are exact.
  test('gives the same numbers for ever', () => {
    expect(draw(7, 4).map((x) => x * 2 ** 32)).toEqual(golden(7));
    expect(draw(0, 4).map((x) => x * 2 ** 32)).toEqual(golden(0));
  });

  /** sfc32 and splitmix32 in whole numbers, worked out with BigInt instead of 32-bit tricks. */
  function golden(seed: number): number[] {
    const mask = 0xffffffffn;
    let mix = BigInt(seed);
    const next = () => {
      mix = (mix + 0x9e3779b9n) & mask;
      let z = ((mix ^ (mix >> 16n)) * 0x21f0aaadn) & mask;
      z = ((z ^ (z >> 15n)) * 0x735a2d97n) & mask;
      return z ^ (z >> 15n);
    };
    let [a, b, c] = [next(), next(), next()];
    return [1n, 2n, 3n, 4n].map((counter) => {
      const sum = (a + b + counter) & mask;
      a = b ^ (b >> 9n);
      b = (c * 9n) & mask;
      c = ((((c << 21n) | (c >> 11n)) & mask) + sum) & mask;
      return Number(sum);
    });
  }

  test('takes any integer modulo 2^32', () => {
    expect(draw(-1, 3)).toEqual(draw(2 ** 32 - 1, 3));
    expect(draw(2 ** 32 + 5, 3)).toEqual(draw(5, 3));
  });

  test('neighbouring seeds do not resemble each other, and every stream fills [0, 1) evenly', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [one, two] = [draw(seed, 2000), draw(seed + 1, 2000)];
      expect(one.every((x) => x >= 0 && x < 1)).toBe(true);
      // 2,000 numbers in 10 bins: 200 each, with a standard deviation of 13; products of independent ones average 1/4 with 0.005.
      for (let bin = 0; bin < 10; bin++)
        expect(Math.abs(one.filter((x) => Math.floor(10 * x) === bin).length - 200)).toBeLessThan(70);
      expect(one.reduce((sum, x, i) => sum + x * two[i]!, 0) / 2000).toBeCloseTo(0.25, 1);
      expect(one[0]).not.toBe(two[0]);
    }
  });
});

test('an integer lies between both ends and reaches them', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 6 }), (seed, low, span) => {
      const random = seeded(seed);
      const drawn = new Set(Array.from({ length: 300 }, () => integer(random, low, low + span)));
      expect([...drawn].sort((a, b) => a - b)).toEqual(Array.from({ length: span + 1 }, (_, i) => low + i));
    }),
    { numRuns: 30 },
  );
});

test('picking reaches every item', () => {
  const random = seeded(1);
  expect(new Set(Array.from({ length: 200 }, () => pick(random, ['a', 'b', 'c', 'd'])))).toEqual(
    new Set(['a', 'b', 'c', 'd']),
  );
});

describe('shuffle', () => {
  test('gives the same items in another order, and leaves the list alone', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat(9)), (seed, items) => {
        const before = [...items];
        expect(shuffle(seeded(seed), items).sort()).toEqual([...items].sort());
        expect(items).toEqual(before);
      }),
    );
  });

  // 6,000 shuffles of three: 1,000 each, with a standard deviation of 29.
  test('every order is as likely', () => {
    const random = seeded(2);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shuffle(random, ['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
