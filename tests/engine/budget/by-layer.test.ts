import { describe, expect, test } from 'vitest';
import { byLayer } from '../../../src/engine/budget/by-layer.ts';
import { cake } from '../../../src/engine/budget/cake.ts';
import { spread } from '../../../src/engine/budget/spread.ts';
import { defaults } from '../../../src/engine/settings.ts';
import { layerOf } from '../eviction/layers.ts';
import { layersOf, scorer } from './layers.ts';

describe('shares of layers', () => {
  test('by weight', () => {
    expect(spread([3, 1], 4, 10)).toEqual([6, 2]);
    expect(spread([1, 1, 2], 3, 10)).toEqual([2.25, 2.25, 4.5]);
  });

  // 12 and 4, of which 10 fit: 2 go to the other. Then 3 * 9 = 27 as 21.6, 3.6, 1.8: 11.6 to two, 9.4 and 7.6.
  test('what does not fit goes to the others in equal parts', () => {
    expect(spread([3, 1], 8, 10)).toEqual([10, 6]);
    spread([12, 2, 1], 9, 10).forEach((amount, at) => expect(amount).toBeCloseTo([10, 9.4, 7.6][at]!, 9));
    expect(spread([1, 0], 12, 10)).toEqual([10, 10]);
  });

  // Two each in any case, then 3 : 1 of the four that are left.
  test('what each gets in any case comes first, where there is as much', () => {
    expect(spread([3, 1], 4, 10, 2)).toEqual([5, 3]);
    expect(spread([3, 1], 1, 10, 2)).toEqual([1, 1]);
  });

  test('no weights, or none that are numbers: all the same', () => {
    expect(spread([0, 0], 3, 10)).toEqual([3, 3]);
    expect(spread([NaN, 1], 3, 10)).toEqual([3, 3]);
  });
});

describe('a list', () => {
  const perLayer = (shares: string, budget: number, layers = layersOf(2, 40)) =>
    byLayer.make({ shares }, scorer()).perLayer!(budget, layers);

  // Removing 50 % and 75 % of 40, 62.5 % on average: 20 and 10 stay, and no last bit makes them 19 or 9.
  test('is read as proportions', () => {
    expect(perLayer('0.5:0.25', 40 * (1 - 0.625))).toEqual([20, 10]);
    expect(perLayer('2:1', 15)).toEqual([20, 10]);
    expect(perLayer('7', 15)).toEqual([15, 15]);
  });

  test('that is too short goes on with its last number, and of one that is too long the rest is not read', () => {
    expect(perLayer('2:1', 10, layersOf(4, 40))).toEqual([16, 8, 8, 8]);
    expect(perLayer('3:1:9', 10)).toEqual([15, 5]);
  });

  test('tells a layer alone the same as among the others', () => {
    const layers = layersOf(4, 40);
    expect(layers.map((layer) => perLayer('4:3:2:1', 10, [layer])[0])).toEqual(perLayer('4:3:2:1', 10, layers));
  });
});

// What tokens 1 and 2 pay to token 0: 0.5 and 0.3 in one layer, 0.2 and 0.6 in the other.
describe('CAKE, two queries', () => {
  const layers = [
    [0.5, 0.3],
    [0.2, 0.6],
  ].map(([a, b]) =>
    layerOf({
      attentions: [
        [
          [1, 0, 0],
          [a!, 1 - a!, 0],
          [b!, 0, 1 - b!],
        ],
      ],
    }),
  );
  const perLayer = (changes: object, window?: number) =>
    cake.make({ ...defaults(cake.settings), window: 2, ...changes }, scorer(window)).perLayer!(1, layers);

  // Entropies 0.5 ln 2 + 0.3 ln(10 / 3) = 0.707765 and 0.2 ln 5 + 0.6 ln(5 / 3) = 0.628383, variances 2 * 0.1^2 and 2 * 0.2^2.
  // 0.707765 * 0.02 = 0.0141553 and 0.628383 * 0.08 = 0.0502706, of 0.0644259 together.
  test('spread times movement', () => {
    const [first, second] = perLayer({});
    expect(first).toBeCloseTo((2 * 0.0141553) / 0.0644259, 5);
    expect(second).toBeCloseTo((2 * 0.0502706) / 0.0644259, 5);
  });

  // The square roots of the variances are 1 : 2.
  test('exponents weigh the two', () => {
    const [first, second] = perLayer({ tau2: 2 });
    expect(second! / first!).toBeCloseTo((2 * 0.628383) / 0.707765, 5);
    const [third, fourth] = perLayer({ tau1: 0.5 });
    expect(fourth! / third!).toBeCloseTo((4 * 0.628383 ** 2) / 0.707765 ** 2, 5);
  });

  test('what the rule inside never gives up comes first', () => {
    expect(perLayer({}, 1)).toEqual([1, 1]);
  });
});
