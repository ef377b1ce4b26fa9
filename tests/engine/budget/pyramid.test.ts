import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pyramid } from '../../../src/engine/budget/pyramid.ts';
import { parseLane, scoreOf } from '../../../src/engine/lane-spec.ts';
import { makeScorer, makeSelector } from '../../../src/engine/plan.ts';
import { engineOf, shortPrompt, specsOf } from '../harbour.ts';
import { layersOf, scorer, selectFrom } from './layers.ts';

/** Entries a head in each of `layers` layers that hold `seq` tokens. */
const budgets = (mean: number, layers: number, seq: number, window: number, beta: number) =>
  pyramid.make({ beta }, scorer(window)).perLayer!(mean, layersOf(layers, seq));

const total = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

describe('the budget of each layer', () => {
  // T = 20: min = 20 / 4 = 5, max = 40 - 5 = 35 < 100 - 2, and 5 >= 2. Steps of (35 - 5) / 3 = 10.
  test('falls in equal steps from 2 T - T / beta to T / beta', () => {
    expect(budgets(20, 4, 100, 2, 4)).toEqual([35, 25, 15, 5]);
    expect(budgets(20, 2, 100, 2, 4)).toEqual([35, 5]);
  });

  // T = 15: min = 1.5 and max = 28.5 >= 20 - 2, so max = 18 and min = 30 - 18 = 12. Steps of 2.
  test('begins at all that is there but the window, where twice the mean is more', () => {
    expect(budgets(15, 4, 20, 2, 10)).toEqual([18, 16, 14, 12]);
    // max = 2 * 10 - 10 / 10 = 19 = 21 - 2: the border belongs to this branch, and min = 20 - 19 = 1 is below the window, so all get T.
    expect(budgets(10, 4, 21, 2, 10)).toEqual([10, 10, 10, 10]);
    expect(budgets(10, 4, 20, 1, 10)).toEqual([19, 13, 7, 1]);
  });

  // min = 20 / 20 = 1 is less than the window of 8.
  test('is the mean in every layer, where the smallest could not hold the window', () => {
    expect(budgets(20, 4, 100, 8, 20)).toEqual([20, 20, 20, 20]);
    expect(budgets(20, 4, 100, 1, 20)).toEqual([39, 26, 14, 1]);
  });

  // T = 19 of 20 with a window of 2: max = 18 and min = 20 is more.
  test('is the mean in every layer, where that is more than there is without the window', () => {
    expect(budgets(19, 4, 20, 2, 20)).toEqual([19, 19, 19, 19]);
    expect(budgets(20, 4, 20, 2, 20)).toEqual([20, 20, 20, 20]);
  });

  test('one layer gets the mean', () => {
    expect(budgets(20, 1, 100, 2, 4)).toEqual([20]);
  });

  // beta = 1 is no pyramid: min = max = T.
  test('a beta of 1 is even', () => {
    expect(budgets(20, 4, 100, 2, 1)).toEqual([20, 20, 20, 20]);
  });

  // Three layers, T = 10, beta = 4: 17.5, 10, 2.5. T = 14: 24.5, 14, 3.5.
  test('halves are rounded to even', () => {
    expect(budgets(10, 3, 100, 2, 4)).toEqual([18, 10, 2]);
    expect(budgets(14, 3, 100, 2, 4)).toEqual([24, 14, 4]);
    // All get T: 20.5 and 21.5, and others to the nearest.
    expect([20.5, 21.5, 20.4, 20.6].map((mean) => budgets(mean, 2, 100, 30, 20))).toEqual([
      [20, 20],
      [22, 22],
      [20, 20],
      [21, 21],
    ]);
  });

  // By themselves, not rounded first: T = 12.8, min = 3.2, max = 22.4, steps of 6.4: 22.4, 16, 9.6, 3.2.
  test('a mean that is not whole is not cut off first', () => {
    expect(budgets(12.8, 4, 100, 2, 4)).toEqual([22, 16, 10, 3]);
  });

  test('is that of its own layer, when a layer comes alone', () => {
    const selector = pyramid.make({ beta: 4 }, scorer(2));
    const layers = layersOf(4, 100);
    expect(layers.map((layer) => selector.perLayer!(20, [layer])[0])).toEqual([35, 25, 15, 5]);
  });

  test('in all layers together, is the mean times their number, but for rounding; none is more than there is', () => {
    const sizes = fc.record({
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      layers: fc.integer({ min: 1, max: 12 }),
      seq: fc.integer({ min: 1, max: 300 }),
      window: fc.integer({ min: 0, max: 40 }),
      beta: fc.integer({ min: 2, max: 200 }).map((halves) => halves / 2),
    });
    fc.assert(
      fc.property(sizes, ({ share, layers, seq, window, beta }) => {
        const mean = share * seq;
        const all = budgets(mean, layers, seq, window, beta);
        expect(Math.abs(total(all) - mean * layers)).toBeLessThanOrEqual(layers / 2 + 1e-9);
        expect(all).toEqual([...all].sort((a, b) => b - a));
        for (const one of all) expect(Number.isInteger(one) && one >= 0 && one <= seq).toBe(true);
        if (new Set(all).size > 1) expect(Math.min(...all)).toBeGreaterThanOrEqual(window - 0.5);
      }),
      { numRuns: 500 },
    );
  });
});

test('every head of a layer keeps its own best of that number, or what it holds', () => {
  expect(
    selectFrom(
      pyramid,
      [
        [
          [1, 5, 3, 4],
          [9, 8, 7, 6],
        ],
        [[1, 5, 3, 4], [2]],
      ],
      [3, 2],
    ),
  ).toEqual([
    [
      [1, 2, 3],
      [0, 1, 2],
    ],
    [[1, 3], [0]],
  ]);
});

// With the window of 8, T / beta = 20 / 4 is too little; the opposite of a rule has none.
test('the window is that of the rule inside', () => {
  const of = (text: string) => {
    const { spec } = parseLane(text);
    return makeSelector(spec, makeScorer(scoreOf(spec))).perLayer!(20, layersOf(4, 100));
  };
  expect(of('pyramid(snapkv(window=8),beta=4)')).toEqual([20, 20, 20, 20]);
  expect(of('pyramid(snapkv(window=4),beta=4)')).toEqual([35, 25, 15, 5]);
  expect(of('pyramid(inverted(snapkv(window=8)),beta=4)')).toEqual([35, 25, 15, 5]);
  expect(of('pyramid(tova,beta=20)')).toEqual([39, 26, 14, 1]);
});

describe('on the model', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(5));
  const perLayer = (lane: string, keep: number) => {
    const [run] = engine.compare(prepared, specsOf(lane), keep);
    return run!.kept.map((heads) => heads.map(({ length }) => length));
  };

  // 128 tokens at 25%: T = 32. beta = 4: 56, 40, 24, 8. beta = 5: min = 6.4, max = 57.6, steps of 17.07: 57.6, 40.5, 23.5, 6.4.
  test('layers keep what the rule gives them, in every head', () => {
    const even = (numbers: number[]) => numbers.map((n) => new Array(4).fill(n));
    expect(perLayer('pyramid(snapkv(window=4),beta=4)', 0.25)).toEqual(even([56, 40, 24, 8]));
    expect(perLayer('pyramid(knorm,beta=5)', 0.25)).toEqual(even([58, 41, 23, 6]));
    expect(perLayer('pyramid(snapkv(window=16),beta=4)', 0.25)).toEqual(even([32, 32, 32, 32]));
  });

  // T = 12.8 is rounded to 13 in all layers, which is more than the bytes of 12.8: with T = 12.3, 12.
  test('where rounding would take more than there is, all get a little less', () => {
    expect(perLayer('pyramid(snapkv(window=16),beta=4)', 0.1)).toEqual(new Array(4).fill([12, 12, 12, 12]));
  });

  test('the bytes never exceed the share, whatever is given to whom, and are nearly all used', () => {
    const room = fc.record({
      lane: fc.constantFrom(
        ...['knorm', 'snapkv(window=2)', 'streaming-llm', 'h2o(recent=0.5)'].flatMap((score) => [
          (beta: number) => `pyramid(${score},beta=${beta})`,
          (beta: number) => `pyramid(${score},beta=${beta})+kivi(bits=4,group=16,residual=16)`,
          (beta: number) => `adakv(${score},safeguard=${beta / 100})`,
          (beta: number) => `adakv(${score},safeguard=${beta / 100})+per-layer+quest(dense=1)`,
        ]),
      ),
      beta: fc.integer({ min: 1, max: 100 }),
      keep: fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100),
    });
    fc.assert(
      fc.property(room, ({ lane, beta, keep }) => {
        const started = engine.start(prepared, specsOf(lane(beta)), keep);
        const [{ bytes }] = started.lanes as [(typeof started.lanes)[0]];
        started.cancel();
        expect(bytes.live).toBeLessThanOrEqual(keep * bytes.full + 1e-6);
        // Every head may lack an entry, and layers one more each for rounding. A codec writes in groups: what it leaves is not bounded so tightly.
        if (lane(beta).includes('+')) return;
        expect(bytes.live).toBeGreaterThanOrEqual(keep * bytes.full - 2 * 16 * 32 * 2 * 2);
      }),
      { numRuns: 150 },
    );
  });
});
