import { afterEach, describe, expect, test, vi } from 'vitest';
import { compile, render } from '../../../src/engine/kernels/build.ts';
import { kernels } from '../../../src/engine/kernels/index.ts';
import { plain } from '../../../src/engine/kernels/plain.ts';
import { simd } from '../../../src/engine/kernels/simd.ts';
import { wasm } from '../../../src/engine/kernels/simd.wasm.ts';
import type { Kernels } from '../../../src/engine/kernels/types.ts';
import { integer, seeded, shuffle, type Random } from '../../../src/engine/random.ts';

const megabyte = 1 << 20;
const make = { plain: () => plain(), simd: () => simd(8 * megabyte)! };
const both = Object.entries(make);

/** Results are followed by this many floats that no kernel may touch: as many as one vector holds. */
const guard = 4;

const copy = (k: Kernels, values: ArrayLike<number>) => {
  const array = k.floats(values.length);
  array.set(values);
  return array;
};
const copyInts = (k: Kernels, values: ArrayLike<number>) => {
  const array = k.ints(values.length);
  array.set(values);
  return array;
};
const uniform = (random: Random, length: number, size = 1) =>
  Float32Array.from({ length }, () => size * (2 * random() - 1));
const closeTo = (expected: readonly number[]) => expected.map((value) => expect.closeTo(value, 5));

/** The largest difference, as a share of the largest expected value. */
function deviation(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  const differences = expected.map((value, i) => Math.abs(value - actual[i]!));
  return Math.max(...differences) / Math.max(...expected.map(Math.abs));
}

type Case = (k: Kernels) => Float32Array[];
function expectAgreement(run: Case) {
  const expected = run(make.plain());
  run(make.simd()).forEach((actual, i) => expect(deviation(actual, expected[i]!)).toBeLessThan(1e-5));
}

/** Runs attend on rows of which only those in `slots` matter. */
function attend(
  k: Kernels,
  q: ArrayLike<number>,
  keys: ArrayLike<number>,
  values: ArrayLike<number>,
  slots: ArrayLike<number>,
  headDim: number,
) {
  const group = q.length / headDim;
  const out = k.floats(q.length + guard);
  const probs = k.floats(group * slots.length + guard);
  k.attend(out, copy(k, q), copy(k, keys), copy(k, values), copyInts(k, slots), slots.length, group, headDim, probs);
  return { out, probs };
}

describe.each(both)('%s, by hand', (_name, implementation) => {
  const k = implementation();

  test('floats and ints are zeroed and do not overlap', () => {
    const [a, b] = [k.floats(3), k.ints(5)];
    a.fill(1);
    expect([...b]).toEqual([0, 0, 0, 0, 0]);
    expect([...k.floats(2)]).toEqual([0, 0]);
  });

  test('linear', () => {
    const y = k.floats(6);
    k.linear(y, copy(k, [1, 2, 3, 4, 0, 0, 0, -1]), copy(k, [1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0.5]), 2, 4, 3);
    expect([...y]).toEqual([1, 10, 2, 0, -1, -0.5]);
  });

  test('rmsnorm', () => {
    const y = k.floats(8);
    k.rmsnorm(y, copy(k, [3, -3, 3, -3, 0, 0, 0, 4]), copy(k, [1, 2, 3, 4]), 2, 4, 0);
    expect([...y]).toEqual(closeTo([1, -2, 3, -4, 0, 0, 0, 8]));
  });

  test('rmsnorm of zeros is zero', () => {
    const y = k.floats(4);
    k.rmsnorm(y, k.floats(4), copy(k, [1, 1, 1, 1]), 1, 4, 1e-5);
    expect([...y]).toEqual([0, 0, 0, 0]);
  });

  test('swiglu, in place and far out', () => {
    const gate = copy(k, [0, Math.log(3), 200, -200]);
    k.swiglu(gate, gate, copy(k, [5, 2, 3, 3]), 4);
    expect([...gate]).toEqual(closeTo([0, 1.5 * Math.log(3), 600, 0]));
  });

  test('equal logits give the mean of the values', () => {
    const { out, probs } = attend(k, [1, 0, 0, 0], [7, 1, 0, 0, 7, 0, 1, 0], [1, 2, 3, 4, 5, 6, 7, 8], [0, 1], 4);
    expect([...probs.subarray(0, 2)]).toEqual([0.5, 0.5]);
    expect([...out.subarray(0, 4)]).toEqual([3, 4, 5, 6]);
  });

  test('logits are scaled by the root of headDim', () => {
    const { out, probs } = attend(
      k,
      [2 * Math.log(3), 0, 0, 0],
      [1, 0, 0, 0, 0, 0, 0, 0],
      [4, 0, 0, 4, 0, 8, 0, 4],
      [0, 1],
      4,
    );
    expect([...probs.subarray(0, 2)]).toEqual(closeTo([0.75, 0.25]));
    expect([...out.subarray(0, 4)]).toEqual(closeTo([3, 2, 0, 4]));
  });

  test('one slot takes everything', () => {
    const { out, probs } = attend(k, [9, 9, 9, 9], [0, 0, 0, 0, 9, 9, 9, 9], [1, 1, 1, 1, 5, 6, 7, 8], [1], 4);
    expect(probs[0]).toBe(1);
    expect([...out.subarray(0, 4)]).toEqual([5, 6, 7, 8]);
  });

  test('large logits neither overflow nor leave a trace of the smaller', () => {
    const { out, probs } = attend(k, [2, 0, 0, 0], [1e6, 0, 0, 0, -1e6, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8], [1, 0], 4);
    expect([...probs.subarray(0, 2)]).toEqual([0, 1]);
    expect([...out.subarray(0, 4)]).toEqual([1, 2, 3, 4]);
  });

  test('slots name rows in any order and with gaps', () => {
    const random = seeded(3);
    const [count, headDim, group] = [37, 32, 2];
    const [keys, values, q] = [
      uniform(random, count * headDim),
      uniform(random, count * headDim),
      uniform(random, group * headDim),
    ];
    const dense = attend(
      k,
      q,
      keys,
      values,
      Int32Array.from({ length: count }, (_, i) => i),
      headDim,
    );
    const slots = shuffle(
      random,
      Array.from({ length: 100 }, (_, i) => i),
    ).slice(0, count);
    const scatter = (rows: Float32Array) => {
      const scattered = new Float32Array(100 * headDim).fill(NaN);
      slots.forEach((slot, i) => scattered.set(rows.subarray(i * headDim, (i + 1) * headDim), slot * headDim));
      return scattered;
    };
    const sparse = attend(k, q, scatter(keys), scatter(values), slots, headDim);
    expect(sparse).toEqual(dense);
  });
});

describe('simd agrees with plain', () => {
  test.each([1, 2, 3, 4, 5, 8, 17])('linear, %d rows', (n) => {
    const random = seeded(n);
    for (const inDim of [4, 12, 128, 384]) {
      for (const outDim of [1, 2, 4, 7, 8, 9, 13, 128, 171]) {
        const [x, w] = [uniform(random, n * inDim), uniform(random, outDim * inDim)];
        expectAgreement((k) => {
          const y = k.floats(n * outDim + guard);
          k.linear(y, copy(k, x), copy(k, w), n, inDim, outDim);
          expect([...y.subarray(n * outDim)]).toEqual([0, 0, 0, 0]);
          return [y];
        });
      }
    }
  });

  test.each([4, 8, 20, 128, 384])('rmsnorm, dim %d', (dim) => {
    for (const n of [1, 2, 5]) {
      const random = seeded(dim + n);
      const [x, weight] = [uniform(random, n * dim, 10), uniform(random, dim)];
      expectAgreement((k) => {
        const y = k.floats(n * dim);
        k.rmsnorm(y, copy(k, x), copy(k, weight), n, dim, 1e-5);
        return [y];
      });
    }
  });

  test.each([4, 12, 384, 1024])('swiglu, length %d', (length) => {
    for (const size of [0.01, 1, 10, 100]) {
      const random = seeded(length);
      const [gate, up] = [uniform(random, length, size), uniform(random, length)];
      expectAgreement((k) => {
        const y = copy(k, gate);
        k.swiglu(y, y, copy(k, up), length);
        return [y];
      });
    }
  });

  test.each([4, 8, 16, 20, 32, 64])('attend, headDim %d', (headDim) => {
    const random = seeded(headDim);
    for (const count of [1, 2, 3, 4, 5, 6, 7, 8, 33, 130]) {
      for (const group of [1, 2, 3, 4]) {
        const rows = count + integer(random, 0, 5);
        const slots = Array.from({ length: count }, () => integer(random, 0, rows - 1));
        const q = uniform(random, group * headDim, 5);
        const [keys, values] = [uniform(random, rows * headDim), uniform(random, rows * headDim)];
        expectAgreement((k) => {
          const { out, probs } = attend(k, q, keys, values, slots, headDim);
          expect([...out.subarray(group * headDim), ...probs.subarray(group * count)]).toEqual([
            0, 0, 0, 0, 0, 0, 0, 0,
          ]);
          return [out, probs];
        });
      }
    }
  });

  test.each([512, 1024, 1100])('attend over %d slots', (count) => {
    const random = seeded(count);
    const slots = shuffle(
      random,
      Array.from({ length: 1100 }, (_, i) => i),
    ).slice(0, count);
    const q = uniform(random, 64, 3);
    const [keys, values] = [uniform(random, 1100 * 32), uniform(random, 1100 * 32)];
    expectAgreement((k) => Object.values(attend(k, q, keys, values, slots, 32)));
  });
});

describe('simd', () => {
  test('a row of linear is the same to the bit, alone or among others', () => {
    const random = seeded(5);
    const [n, inDim, outDim] = [7, 132, 45];
    const k = make.simd();
    const [x, w] = [copy(k, uniform(random, n * inDim)), copy(k, uniform(random, outDim * inDim))];
    const [together, alone] = [k.floats(n * outDim), k.floats(n * outDim)];
    k.linear(together, x, w, n, inDim, outDim);
    for (let i = 0; i < n; i++) k.linear(alone.subarray(i * outDim), x.subarray(i * inDim), w, 1, inDim, outDim);
    expect(alone).toEqual(together);
  });

  test('a head comes out the same to the bit, alone or in a group', () => {
    const random = seeded(6);
    const [q, keys, values] = [uniform(random, 3 * 32), uniform(random, 50 * 32), uniform(random, 50 * 32)];
    const slots = Array.from({ length: 50 }, (_, i) => i);
    const heads = (each: Float32Array) => attend(make.simd(), each, keys, values, slots, 32).out.slice(0, each.length);
    const alone = [0, 1, 2].flatMap((head) => [...heads(q.slice(32 * head, 32 * (head + 1)))]);
    expect(alone).toEqual([...heads(q)]);
  });

  test('exp is good to the last bits down to where it ends, and 0 from there', () => {
    const count = 5000;
    // With headDim 4 and q = 2, key x gives the logit x exactly; the first key, 0, is the largest.
    const keys = new Float32Array(4 * count);
    for (let i = 0; i < count; i++) keys[4 * i] = -i * 0.02;
    const { probs } = attend(
      make.simd(),
      [2, 0, 0, 0],
      keys,
      keys,
      Int32Array.from({ length: count }, (_, i) => i),
      4,
    );
    // The sum is about 50, so that shares of what is left below -83 would be too small to keep all their bits.
    for (let i = 0; i < count; i++) {
      const [x, ratio] = [keys[4 * i]!, probs[i]! / probs[0]!];
      if (x > -83) expect(Math.abs(ratio / Math.exp(x) - 1)).toBeLessThan(4e-7);
      else if (x < -87.31) expect(ratio).toBe(0);
    }
  });

  test('arrays begin at multiples of 16 bytes', () => {
    const k = simd(1024)!;
    expect([k.floats(1), k.ints(5), k.floats(3)].map((array) => array.byteOffset)).toEqual([0, 16, 48]);
  });

  test('the memory can be filled to the end and says when it is used up', () => {
    const k = simd(65536)!;
    k.floats(16380);
    expect(() => k.floats(5)).toThrow("The kernels' memory is used up: 20 more bytes wanted, 16 of 65536 left.");
    expect(k.ints(4)).toHaveLength(4);
    expect(() => k.ints(1)).toThrow('4 more bytes wanted, 0 of 65536 left');
  });

  test('an array from elsewhere is refused', () => {
    const k = simd(1024)!;
    const own = k.floats(4);
    expect(() => k.swiglu(own, own, new Float32Array(4), 4)).toThrow('outside their memory');
    expect(() => k.swiglu(own, own, simd(1024)!.floats(4), 4)).toThrow('outside their memory');
  });
});

describe('the choice', () => {
  afterEach(() => void vi.restoreAllMocks());

  test('is simd here', () => expect(kernels(1024).name).toBe('simd'));

  test('is plain where WebAssembly has no SIMD', () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    expect(simd(1024)).toBeUndefined();
    expect(kernels(1024).name).toBe('plain');
  });
});

test('the binary is what the source gives', { timeout: 60_000 }, async () => {
  expect(render(await compile())).toContain(`export const wasm = '${wasm}';`);
});
