import { afterEach, describe, expect, test, vi } from 'vitest';
import { compile, render } from '../../../src/engine/kernels/build.ts';
import type { Address } from '../../../src/engine/kernels/heap.ts';
import { kernels } from '../../../src/engine/kernels/index.ts';
import { packPanels, panelWords } from '../../../src/engine/kernels/panels.ts';
import { plain } from '../../../src/engine/kernels/plain.ts';
import { simd } from '../../../src/engine/kernels/simd.ts';
import { wasm } from '../../../src/engine/kernels/simd.wasm.ts';
import type { Kernels } from '../../../src/engine/kernels/types.ts';
import { integer, seeded, shuffle, type Random } from '../../../src/engine/random.ts';

const make = { plain: () => plain(), simd: () => simd()! };
const both = Object.entries(make);

/** Results are followed by this many floats that no kernel may touch: as many as one vector holds. They are filled with `untouched`. */
const guard = 4;
const untouched = 77;

/** Copies numbers into the heap, over whatever lay there. */
const copy = (k: Kernels, values: ArrayLike<number>): Address => {
  const at = k.heap.take(values.length);
  k.heap.floats(at, values.length).set(values);
  return at;
};
/** Copies a matrix [outDim][inDim] into the heap, packed for `linear`. */
const copyMatrix = (k: Kernels, w: ArrayLike<number>, inDim: number): Address => {
  const words = panelWords(w.length / inDim, inDim);
  const at = k.heap.take(words);
  // What is missing from the last panel must not matter.
  packPanels(k.heap.floats(at, words).fill(NaN), w, inDim);
  return at;
};
const copyInts = (k: Kernels, values: ArrayLike<number>): Address => {
  const at = k.heap.take(values.length);
  k.heap.ints(at, values.length).set(values);
  return at;
};
/** A place for a result, with a guard behind it. */
const place = (k: Kernels, length: number): Address => {
  const at = k.heap.take(length + guard);
  k.heap.floats(at, length + guard).fill(untouched);
  return at;
};
/** The result, when its guard was left alone. */
function result(k: Kernels, at: Address, length: number): Float32Array {
  expect([...k.heap.floats(at + length, guard)]).toEqual(new Array(guard).fill(untouched));
  return k.heap.floats(at, length).slice();
}

const uniform = (random: Random, length: number, size = 1) =>
  Float32Array.from({ length }, () => size * (2 * random() - 1));
const closeTo = (expected: readonly number[]) => expected.map((value) => expect.closeTo(value, 5));
const upTo = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

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

/** Runs attend on rows of which only those that `rows` names matter. */
function attend(
  k: Kernels,
  q: ArrayLike<number>,
  keys: ArrayLike<number>,
  values: ArrayLike<number>,
  rows: ArrayLike<number>,
  headDim: number,
) {
  const group = q.length / headDim;
  const out = place(k, q.length);
  const probs = place(k, group * rows.length);
  k.attend(out, copy(k, q), copy(k, keys), copy(k, values), copyInts(k, rows), rows.length, group, headDim, probs);
  return { out: result(k, out, q.length), probs: result(k, probs, group * rows.length) };
}

describe.each(both)('%s, by hand', (_name, implementation) => {
  const k = implementation();

  test('linear', () => {
    const y = place(k, 6);
    k.linear(y, copy(k, [1, 2, 3, 4, 0, 0, 0, -1]), copyMatrix(k, [1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0.5], 4), 2, 4, 3);
    expect([...result(k, y, 6)]).toEqual([1, 10, 2, 0, -1, -0.5]);
  });

  test('rmsnorm', () => {
    const y = place(k, 8);
    k.rmsnorm(y, copy(k, [3, -3, 3, -3, 0, 0, 0, 4]), copy(k, [1, 2, 3, 4]), 2, 4, 0);
    expect([...result(k, y, 8)]).toEqual(closeTo([1, -2, 3, -4, 0, 0, 0, 8]));
  });

  test('rmsnorm of zeros is zero', () => {
    const y = place(k, 4);
    k.rmsnorm(y, copy(k, [0, 0, 0, 0]), copy(k, [1, 1, 1, 1]), 1, 4, 1e-5);
    expect([...result(k, y, 4)]).toEqual([0, 0, 0, 0]);
  });

  test('swiglu, in place and far out', () => {
    const gate = copy(k, [0, Math.log(3), 200, -200]);
    k.swiglu(gate, gate, copy(k, [5, 2, 3, 3]), 4);
    expect([...k.heap.floats(gate, 4)]).toEqual(closeTo([0, 1.5 * Math.log(3), 600, 0]));
  });

  test('add, to what is there', () => {
    const y = place(k, 8);
    k.heap.floats(y, 8).set([1, 2, 3, 4, -1, 0, 0.5, 1e8]);
    k.add(y, copy(k, [10, 20, 30, 40, 1, -2, 0.25, 1]), 8);
    // Near 1e8 floats are 8 apart.
    expect([...result(k, y, 8)]).toEqual([11, 22, 33, 44, 0, -2, 0.75, 1e8]);
  });

  test('equal logits give the mean of the values', () => {
    const { out, probs } = attend(k, [1, 0, 0, 0], [7, 1, 0, 0, 7, 0, 1, 0], [1, 2, 3, 4, 5, 6, 7, 8], [0, 1], 4);
    expect([...probs]).toEqual([0.5, 0.5]);
    expect([...out]).toEqual([3, 4, 5, 6]);
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
    expect([...probs]).toEqual(closeTo([0.75, 0.25]));
    expect([...out]).toEqual(closeTo([3, 2, 0, 4]));
  });

  test('one row takes everything', () => {
    const { out, probs } = attend(k, [9, 9, 9, 9], [0, 0, 0, 0, 9, 9, 9, 9], [1, 1, 1, 1, 5, 6, 7, 8], [1], 4);
    expect(probs[0]).toBe(1);
    expect([...out]).toEqual([5, 6, 7, 8]);
  });

  test('large logits neither overflow nor leave a trace of the smaller', () => {
    const { out, probs } = attend(k, [2, 0, 0, 0], [1e6, 0, 0, 0, -1e6, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8], [1, 0], 4);
    expect([...probs]).toEqual([0, 1]);
    expect([...out]).toEqual([1, 2, 3, 4]);
  });

  test('rows are named in any order and with gaps', () => {
    const random = seeded(3);
    const [count, headDim, group] = [37, 32, 2];
    const [keys, values, q] = [
      uniform(random, count * headDim),
      uniform(random, count * headDim),
      uniform(random, group * headDim),
    ];
    const dense = attend(k, q, keys, values, upTo(count), headDim);
    const rows = shuffle(random, [...upTo(100)]).slice(0, count);
    const scatter = (each: Float32Array) => {
      const scattered = new Float32Array(100 * headDim).fill(NaN);
      rows.forEach((row, i) => scattered.set(each.subarray(i * headDim, (i + 1) * headDim), row * headDim));
      return scattered;
    };
    const sparse = attend(k, q, scatter(keys), scatter(values), rows, headDim);
    expect(sparse).toEqual(dense);
  });

  // As the cache lays them out: row numbers count from the start of the heap, and the values begin 4 rows behind the keys.
  test('keys may begin at address 0, and values anywhere', () => {
    const headDim = 4;
    const at = k.heap.take(8 * headDim, headDim);
    k.heap.floats(at, 8 * headDim).fill(NaN);
    const first = at / headDim;
    // Rows 1 and 3 of the keys are alike, so that their values 2, 4, 6, 8 and 4, 8, 2, 0 are averaged.
    for (const row of [first + 1, first + 3]) k.heap.floats(row * headDim, headDim).set([1, 1, 1, 1]);
    k.heap.floats((first + 5) * headDim, headDim).set([2, 4, 6, 8]);
    k.heap.floats((first + 7) * headDim, headDim).set([4, 8, 2, 0]);
    const [out, probs] = [place(k, headDim), place(k, 2)];
    k.attend(out, copy(k, [1, 2, 3, 4]), 0, 4 * headDim, copyInts(k, [first + 1, first + 3]), 2, 1, headDim, probs);
    expect([...result(k, out, headDim)]).toEqual([3, 6, 4, 4]);
  });
});

describe('simd agrees with plain', () => {
  test.each([1, 2, 3, 4, 5, 8, 17])('linear, %d rows', (n) => {
    const random = seeded(n);
    for (const inDim of [4, 12, 128, 384]) {
      for (const outDim of [1, 2, 4, 7, 8, 9, 13, 128, 171]) {
        const [x, w] = [uniform(random, n * inDim), uniform(random, outDim * inDim)];
        expectAgreement((k) => {
          const y = place(k, n * outDim);
          k.linear(y, copy(k, x), copyMatrix(k, w, inDim), n, inDim, outDim);
          return [result(k, y, n * outDim)];
        });
      }
    }
  });

  test.each([4, 8, 20, 128, 384])('rmsnorm, dim %d', (dim) => {
    for (const n of [1, 2, 5]) {
      const random = seeded(dim + n);
      const [x, weight] = [uniform(random, n * dim, 10), uniform(random, dim)];
      expectAgreement((k) => {
        const y = place(k, n * dim);
        k.rmsnorm(y, copy(k, x), copy(k, weight), n, dim, 1e-5);
        return [result(k, y, n * dim)];
      });
    }
  });

  test.each([4, 12, 384, 1024])('swiglu, length %d', (length) => {
    for (const size of [0.01, 1, 10, 100]) {
      const random = seeded(length);
      const [gate, up] = [uniform(random, length, size), uniform(random, length)];
      expectAgreement((k) => {
        const y = place(k, length);
        k.heap.floats(y, length).set(gate);
        k.swiglu(y, y, copy(k, up), length);
        return [result(k, y, length)];
      });
    }
  });

  test.each([4, 12, 384, 1024])('add, length %d, to the bit', (length) => {
    const random = seeded(length);
    const [y, x] = [uniform(random, length, 100), uniform(random, length)];
    const run = (k: Kernels) => {
      const at = place(k, length);
      k.heap.floats(at, length).set(y);
      k.add(at, copy(k, x), length);
      return result(k, at, length);
    };
    expect(run(make.simd())).toEqual(run(make.plain()));
  });

  test.each([4, 8, 16, 20, 32, 64])('attend, headDim %d', (headDim) => {
    const random = seeded(headDim);
    for (const count of [1, 2, 3, 4, 5, 6, 7, 8, 33, 130]) {
      for (const group of [1, 2, 3, 4]) {
        const lying = count + integer(random, 0, 5);
        const rows = Array.from({ length: count }, () => integer(random, 0, lying - 1));
        const q = uniform(random, group * headDim, 5);
        const [keys, values] = [uniform(random, lying * headDim), uniform(random, lying * headDim)];
        expectAgreement((k) => Object.values(attend(k, q, keys, values, rows, headDim)));
      }
    }
  });

  test.each([512, 1024, 1100])('attend over %d rows', (count) => {
    const random = seeded(count);
    const rows = shuffle(random, [...upTo(1100)]).slice(0, count);
    const q = uniform(random, 64, 3);
    const [keys, values] = [uniform(random, 1100 * 32), uniform(random, 1100 * 32)];
    expectAgreement((k) => Object.values(attend(k, q, keys, values, rows, 32)));
  });
});

describe('simd', () => {
  test('a row of linear is the same to the bit, alone or among others', () => {
    const random = seeded(5);
    const [n, inDim, outDim] = [7, 132, 45];
    const k = make.simd();
    const [x, w] = [copy(k, uniform(random, n * inDim)), copyMatrix(k, uniform(random, outDim * inDim), inDim)];
    const [together, alone] = [place(k, n * outDim), place(k, n * outDim)];
    k.linear(together, x, w, n, inDim, outDim);
    for (let i = 0; i < n; i++) k.linear(alone + i * outDim, x + i * inDim, w, 1, inDim, outDim);
    expect(result(k, alone, n * outDim)).toEqual(result(k, together, n * outDim));
  });

  test('a head comes out the same to the bit, alone or in a group', () => {
    const random = seeded(6);
    const [q, keys, values] = [uniform(random, 3 * 32), uniform(random, 50 * 32), uniform(random, 50 * 32)];
    const heads = (each: Float32Array) => attend(make.simd(), each, keys, values, upTo(50), 32).out;
    const alone = [0, 1, 2].flatMap((head) => [...heads(q.slice(32 * head, 32 * (head + 1)))]);
    expect(alone).toEqual([...heads(q)]);
  });

  test('exp is good to the last bits down to where it ends, and 0 from there', () => {
    const count = 5000;
    // With headDim 4 and q = 2, key x gives the logit x exactly; the first key, 0, is the largest.
    const keys = new Float32Array(4 * count);
    for (let i = 0; i < count; i++) keys[4 * i] = -i * 0.02;
    const { probs } = attend(make.simd(), [2, 0, 0, 0], keys, keys, upTo(count), 4);
    // The sum is about 50, so that shares of what is left below -83 would be too small to keep all their bits.
    for (let i = 0; i < count; i++) {
      const [x, ratio] = [keys[4 * i]!, probs[i]! / probs[0]!];
      // x / ln 2 is rounded, and the larger it is, the more: as much as a logit of that size is rounded itself.
      if (x > -83) expect(Math.abs(ratio / Math.exp(x) - 1)).toBeLessThan(4e-7 - 1.2e-7 * x);
      else if (x < -88.03) expect(ratio).toBe(0);
    }
  });
});

describe('the choice', () => {
  const { WebAssembly: real } = globalThis;

  /** WebAssembly as it is here, but for what is given. */
  const stub = (changed: object) =>
    vi.stubGlobal('WebAssembly', {
      validate: (binary: Uint8Array<ArrayBuffer>) => real.validate(binary),
      Memory: real.Memory,
      Module: real.Module,
      Instance: real.Instance,
      ...changed,
    });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test('is simd here, also in a WebAssembly of the same parts', () => {
    expect(kernels().name).toBe('simd');
    stub({});
    expect(kernels().name).toBe('simd');
  });

  class Refused {
    constructor() {
      throw new RangeError('refused');
    }
  }
  class NeverGrows {
    readonly buffer = new ArrayBuffer(65536);
    grow() {
      throw new RangeError('out of memory');
    }
  }

  test.each([
    ['there is no WebAssembly', () => vi.stubGlobal('WebAssembly', undefined)],
    ['it has no SIMD', () => stub({ validate: () => false })],
    ['it cannot say what it has', () => stub({ validate: undefined })],
    ['there is no address space for its memory', () => stub({ Memory: Refused })],
    ['its memory cannot grow', () => stub({ Memory: NeverGrows, Instance: class {} })],
    ['a page may not compile', () => stub({ Module: Refused })],
    ['a module cannot be made to run', () => stub({ Instance: Refused })],
  ])('is plain where %s', (_where, without) => {
    without();
    expect(simd()).toBeUndefined();
    expect(kernels().name).toBe('plain');
  });
});

test('the binary is what the source gives', { timeout: 60_000 }, async () => {
  expect(render(await compile())).toContain(`export const wasm = '${wasm}';`);
});
