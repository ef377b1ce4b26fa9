import { describe, expect, test } from 'vitest';
import { polykv, rules } from '../../../src/engine/eviction/polykv.ts';
import { layerOf, scoresOf } from './layers.ts';

// Column sums 1.7, 0.8, 0.5 and 1.2, 1.0, 0.8, each of a KV head of its own.
const attentions = [
  [
    [1, 0, 0],
    [0.5, 0.5, 0],
    [0.2, 0.3, 0.5],
  ],
  [
    [1, 0, 0],
    [0.1, 0.9, 0],
    [0.1, 0.1, 0.8],
  ],
];
const layer = (...rule_cosines: number[][]) =>
  layerOf({ attentions, keys: attentions.map(() => [[0], [0], [0]]), rule_cosines });
const close = (rows: number[][], expected: number[][]) => {
  expected.flat().forEach((score, at) => expect(rows.flat()[at]).toBeCloseTo(score, 6));
};

describe('a layer has the rule whose cosine is largest, of all heads together', () => {
  // H2O divides by the queries that can see a token: 3, 2, 1.
  const byH2o = [
    [1.7 / 3, 0.4, 0.5],
    [0.4, 0.5, 0.8],
  ];
  // TOVA has the mean of the last rows for all heads, and one more for the newest.
  const byTova = [
    [0.15, 0.2, 1.2],
    [0.15, 0.2, 1.2],
  ];

  test('of all heads together', () => {
    close(scoresOf(polykv, layer([0.9, 0, 0, 0.5], [0.9, 0, 0, 0.5]), 2), byH2o);
    // One head would have H2O by a little, the other TOVA by more.
    close(scoresOf(polykv, layer([0.6, 0, 0, 0.5], [0.5, 0, 0, 0.9]), 2), byTova);
  });

  test('the first of equal ones, and the other way round the smallest', () => {
    close(scoresOf(polykv, layer([0.5, 0.5, 0.5, 0.5], [0, 0, 0, 0]), 2), byH2o);
    close(scoresOf(polykv, layer([0.9, 0.8, 0.8, 0.5], [0.9, 0.8, 0.8, 0.5]), 2, { worst: true }), byTova);
  });

  // The layer is the first one: of a longer plan its first number counts.
  test('a plan that is written out goes before what was measured, but for layers where it has a 0', () => {
    const measured = layer([0.9, 0, 0, 0.5], [0.9, 0, 0, 0.5]);
    close(scoresOf(polykv, measured, 2, { plan: '4:1' }), byTova);
    close(scoresOf(polykv, measured, 2, { plan: '1' }), byH2o);
    close(scoresOf(polykv, measured, 2, { plan: '0:4' }), byH2o);
  });
});

// A text of 17 tokens, of which 16 are left, and one token behind it, which pays half to token 4 and half to itself. Where token 4 stays nothing changes; where
// it goes, (1/2, 1/2) becomes (1, 0), and the cosine is the root of a half. StreamingLLM keeps 4 sinks and the newest 12, so that it is the one that loses it.
// The last word of the text looks at token 4, and everybody else at the first, so that the others keep both: they drop one at which nobody looks.
test('learns how much of the output each rule leaves', () => {
  const row = (...paid: [token: number, share: number][]) =>
    Array.from({ length: 18 }, (_, j) => paid.find(([token]) => token === j)?.[1] ?? 0);
  const rows = [...Array.from({ length: 16 }, () => row([0, 1])), row([4, 0.6], [16, 0.4]), row([4, 0.5], [17, 0.5])];
  const values = Array.from({ length: 18 }, (_, j) => (j === 4 ? [0, 1] : [1, 0]));
  const text = layerOf({ attentions: [rows], values: [values] });
  const lesson = { text: 17, answer: [17, 18], sentence: [4, 5] } as const;
  const [learned] = polykv.learns!.from([text], [lesson]);
  expect(rules.map(({ name }) => name)).toEqual(['h2o', 'snapkv', 'streaming-llm', 'tova']);
  [1, 1, Math.SQRT1_2, 1].forEach((cosine, r) => expect(learned![r]).toBeCloseTo(cosine, 6));
  // Of two texts the mean: in the other nothing is lost, as it is no longer than what is left.
  const [both] = polykv.learns!.from([text, text], [lesson, { ...lesson, text: 16 }]);
  expect(both![2]).toBeCloseTo((1 + Math.SQRT1_2) / 2, 6);
});
