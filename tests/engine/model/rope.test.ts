import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rope } from '../../../src/engine/model/rope.ts';

const float = fc.float({ min: -4, max: 4, noNaN: true });

test('by hand: headDim 2 turns by one radian a position', () => {
  const rope = new Rope(4, 2, 10000);
  const x = Float32Array.of(1, 0);
  rope.rotate(x, 1, 1);
  expect([...x]).toEqual([expect.closeTo(Math.cos(1), 6), expect.closeTo(Math.sin(1), 6)]);
});

// Pair c of headDim 4 is (c, c + 2) and turns by position * theta^(-2c / 4): at theta 100, by 1 and 1/10 of the position.
test('by hand: the pairs are half a head apart', () => {
  const x = Float32Array.of(1, 0, 0, 1);
  new Rope(8, 4, 100).rotate(x, 1, 5);
  const expected = [Math.cos(5), -Math.sin(0.5), Math.sin(5), Math.cos(0.5)];
  expected.forEach((value, i) => expect(x[i]).toBeCloseTo(value, 6));
});

test('position 0 changes nothing', () => {
  const x = Float32Array.of(1, 2, 3, 4);
  new Rope(1, 4, 10000).rotate(x, 1, 0);
  expect([...x]).toEqual([1, 2, 3, 4]);
});

// Angles are float32, as in Hugging Face's code: at position 1,151 that is worth some 1e-4 radians.
test('the direct formula, for several vectors at any position', () => {
  const rope = new Rope(1152, 32, 10000);
  fc.assert(
    fc.property(
      fc.array(float, { minLength: 64, maxLength: 64 }),
      fc.integer({ min: 0, max: 1151 }),
      (values, position) => {
        const x = Float32Array.from(values);
        rope.rotate(x, 2, position);
        for (let v = 0; v < 64; v += 32) {
          for (let c = 0; c < 16; c++) {
            const angle = position * 10000 ** ((-2 * c) / 32);
            const [a, b] = [values[v + c]!, values[v + c + 16]!];
            expect(Math.abs(x[v + c]! - (a * Math.cos(angle) - b * Math.sin(angle)))).toBeLessThan(2e-3);
            expect(Math.abs(x[v + c + 16]! - (b * Math.cos(angle) + a * Math.sin(angle)))).toBeLessThan(2e-3);
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('the product of a query and a key depends only on how far apart they are', () => {
  const rope = new Rope(600, 32, 10000);
  fc.assert(
    fc.property(
      fc.array(float, { minLength: 64, maxLength: 64 }),
      fc.nat(80),
      fc.nat(80),
      fc.nat(400),
      (values, i, j, shift) => {
        const product = (from: number, to: number) => {
          const [query, key] = [Float32Array.from(values.slice(0, 32)), Float32Array.from(values.slice(32))];
          rope.rotate(query, 1, from);
          rope.rotate(key, 1, to);
          return query.reduce((sum, x, c) => sum + x * key[c]!, 0);
        };
        expect(Math.abs(product(i, j) - product(i + shift, j + shift))).toBeLessThan(2e-2);
      },
    ),
    { numRuns: 100 },
  );
});
