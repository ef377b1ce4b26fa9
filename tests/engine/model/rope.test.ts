import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rope } from '../../../src/engine/model/rope.ts';

const float = fc.float({ min: -4, max: 4, noNaN: true });
const row = (length: number) => fc.array(float, { minLength: length, maxLength: length });

test('by hand: headDim 2 turns by one radian a position', () => {
  const rope = new Rope(2, 10000);
  const x = Float32Array.of(1, 0);
  rope.rotate(x, 0, 1, 1);
  expect([...x]).toEqual([expect.closeTo(Math.cos(1), 6), expect.closeTo(Math.sin(1), 6)]);
});

// Pair c of headDim 4 is (c, c + 2) and turns by position * theta^(-2c / 4): at theta 100, by 1 and 1/10 of the position.
test('by hand: the pairs are half a head apart', () => {
  const x = Float32Array.of(1, 0, 0, 1);
  new Rope(4, 100).rotate(x, 0, 1, 5);
  const expected = [Math.cos(5), -Math.sin(0.5), Math.sin(5), Math.cos(0.5)];
  expected.forEach((value, i) => expect(x[i]).toBeCloseTo(value, 6));
});

test('position 0 changes nothing', () => {
  const x = Float32Array.of(1, 2, 3, 4);
  new Rope(4, 10000).rotate(x, 0, 1, 0);
  expect([...x]).toEqual([1, 2, 3, 4]);
});

test('only the vectors that are meant turn', () => {
  const rope = new Rope(4, 100);
  const x = Float32Array.from({ length: 20 }, (_, i) => i);
  rope.rotate(x, 6, 2, 3);
  const alone = (start: number) => {
    const y = Float32Array.from({ length: 4 }, (_, i) => start + i);
    rope.rotate(y, 0, 1, 3);
    return [...y];
  };
  expect([...x]).toEqual([0, 1, 2, 3, 4, 5, ...alone(6), ...alone(10), 14, 15, 16, 17, 18, 19]);
});

// Angles are float32, as in Hugging Face's code: at position 5,000 that is worth some 5e-4 radians.
test('the direct formula, for several vectors at any position, forwards and back', () => {
  const rope = new Rope(32, 10000);
  fc.assert(
    fc.property(row(64), fc.integer({ min: -5000, max: 5000 }), (values, position) => {
      const x = Float32Array.from(values);
      rope.rotate(x, 0, 2, position);
      for (let v = 0; v < 64; v += 32) {
        for (let c = 0; c < 16; c++) {
          const angle = position * 10000 ** ((-2 * c) / 32);
          const [a, b] = [values[v + c]!, values[v + c + 16]!];
          expect(Math.abs(x[v + c]! - (a * Math.cos(angle) - b * Math.sin(angle)))).toBeLessThan(3e-3);
          expect(Math.abs(x[v + c + 16]! - (b * Math.cos(angle) + a * Math.sin(angle)))).toBeLessThan(3e-3);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('the product of a query and a key depends only on how far apart they are', () => {
  const rope = new Rope(32, 10000);
  fc.assert(
    fc.property(row(64), fc.nat(80), fc.nat(80), fc.nat(400), (values, i, j, shift) => {
      const product = (from: number, to: number) => {
        const [query, key] = [Float32Array.from(values.slice(0, 32)), Float32Array.from(values.slice(32))];
        rope.rotate(query, 0, 1, from);
        rope.rotate(key, 0, 1, to);
        return query.reduce((sum, x, c) => sum + x * key[c]!, 0);
      };
      expect(Math.abs(product(i, j) - product(i + shift, j + shift))).toBeLessThan(2e-2);
    }),
    { numRuns: 100 },
  );
});

describe('turning what was turned', () => {
  const rope = new Rope(16, 5000);
  const turned = (values: readonly number[], ...by: readonly number[]) => {
    const x = Float32Array.from(values);
    for (const each of by) rope.rotate(x, 0, 1, each);
    return x;
  };
  const expectClose = (a: Float32Array, b: Float32Array, margin: number) => {
    for (let c = 0; c < a.length; c++) expect(Math.abs(a[c]! - b[c]!)).toBeLessThan(margin);
  };

  // Three float32 angles of up to 800 radians, each rounded to some 3e-5, on vectors of up to 5.7.
  test('by a and then by b is turning by a + b, whatever their signs', () => {
    const by = fc.integer({ min: -400, max: 400 });
    fc.assert(
      fc.property(row(16), by, by, (values, a, b) => {
        expectClose(turned(values, a, b), turned(values, a + b), 1e-3);
      }),
    );
  });

  test('back by what it was turned gives what it was, but for the last bits', () => {
    fc.assert(
      fc.property(row(16), fc.nat(4000), (values, by) => {
        expectClose(turned(values, by, -by), Float32Array.from(values), 3e-6);
        expectClose(turned(values, -by, by), Float32Array.from(values), 3e-6);
      }),
    );
  });

  test('by hand: one position back is the sine of the other sign', () => {
    const x = Float32Array.of(1, 0);
    new Rope(2, 10000).rotate(x, 0, 1, -1);
    expect([...x]).toEqual([expect.closeTo(Math.cos(1), 6), expect.closeTo(-Math.sin(1), 6)]);
  });
});

// The table begins with 256 positions and doubles; what it says of a position must not depend on when it was asked.
test('beyond its table it grows, and says the same as one that was long from the start', () => {
  const [short, long] = [new Rope(8, 10000), new Rope(8, 10000)];
  const x = () => Float32Array.from({ length: 8 }, (_, i) => i - 3);
  const at = (rope: Rope, position: number) => {
    const y = x();
    rope.rotate(y, 0, 1, position);
    return [...y];
  };
  at(long, 70_000);
  for (const position of [0, 1, 255, 256, 257, -256, 511, 512, 4095, 4096, -4096, 65_536, 3, -70_000]) {
    expect(at(short, position)).toEqual(at(long, position));
  }
  expect(at(short, 65_536)).not.toEqual([...x()]);
});
