import { expect, test } from 'vitest';
import { byEntropy } from '../../../src/engine/budget/by-entropy.ts';
import { layerOf } from '../eviction/layers.ts';
import { scorer } from './layers.ts';

/** Layers of ten tokens and two KV heads, whose entropies are written out. */
const perLayer = (budget: number, least: number, entropies: readonly (readonly [number, number])[], window?: number) =>
  byEntropy.make({ least }, scorer(window)).perLayer!(
    budget,
    entropies.map((attention_entropy, layer) =>
      layerOf(
        { keys: [0, 1].map(() => Array.from({ length: 10 }, () => [0])), attention_entropy },
        { layer: String(layer), layers: String(entropies.length) },
      ),
    ),
  );

// The means are 3 and 1. Two layers with 4 entries each have 8: 6 and 2. With 2 for each in any case, 4 are left, of which 3 and 1 are shared out.
test('layers get what their entropy says, above what all get', () => {
  expect(perLayer(4, 0, [[2, 4], [1, 1]])).toEqual([6, 2]); // prettier-ignore
  expect(perLayer(4, 2, [[2, 4], [1, 1]])).toEqual([5, 3]); // prettier-ignore
  // What the rule inside never gives up is promised as well; and there are ten tokens and no more: of 12 two go to the other layer.
  expect(perLayer(4, 0, [[2, 4], [1, 1]], 2)).toEqual([5, 3]); // prettier-ignore
  expect(perLayer(8, 0, [[2, 4], [1, 1]])).toEqual([10, 6]); // prettier-ignore
  expect(perLayer(4, 0, [[0, 0], [0, 0]])).toEqual([4, 4]); // prettier-ignore
});

// Two tokens of text and two behind them. Head 0 looks at one token, and then at two alike: ln 1 and ln 2. Head 1 at two, and at four: ln 2 and 2 ln 2.
test('learns the entropy of what looks back at a text', () => {
  const text = [
    [1, 0, 0, 0],
    [0.3, 0.7, 0, 0],
  ];
  const attentions = [
    [...text, [0, 1, 0, 0], [0.5, 0, 0, 0.5]],
    [...text, [0.5, 0, 0.5, 0], [0.25, 0.25, 0.25, 0.25]],
  ];
  const lesson = { text: 2, answer: [3, 4], sentence: [0, 1] } as const;
  const learned = (kv_heads: string) => byEntropy.learns!.from([layerOf({ attentions }, { kv_heads })], [lesson]);
  const [first, second] = learned('2').map(([entropy]) => entropy! / Math.LN2);
  expect([first, second]).toEqual([expect.closeTo(0.5, 6), expect.closeTo(1.5, 6)]);
  expect(learned('1').map(([entropy]) => entropy! / Math.LN2)).toEqual([expect.closeTo(1, 6)]);
});
