import { describe, expect, test } from 'vitest';
import { compresskv } from '../../../src/engine/eviction/compresskv.ts';
import { heldOf, keptBy, layerOf, scoresOf } from './layers.ts';

/** Attention of six tokens of which only the last two rows matter. */
const looking = (first: number[], second: number[]) => [
  ...Array.from({ length: 4 }, () => new Array<number>(6).fill(0)),
  first,
  second,
];

// Two KV heads of one query head each. The first looks at tokens 0 and 1, the second at 3.
const layer = (retrieving: number[]) =>
  layerOf({
    attentions: [
      looking([0.5, 0.25, 0, 0, 0.25, 0], [0.5, 0, 0, 0, 0.25, 0.25]),
      looking([0, 0, 0, 1, 0, 0], [0, 0, 0, 1, 0, 0]),
    ],
    keys: [new Array<number[]>(6).fill([0]), new Array<number[]>(6).fill([0])],
    span_attention: retrieving.map((x) => [x]),
  });
const settings = (heads: number) => ({ heads, window: 2 });
const close = (rows: number[][], expected: number[]) => {
  for (const row of rows) expected.forEach((score, j) => expect(row[j]).toBeCloseTo(score, 6));
};

describe('two of six tokens vote', () => {
  // The second head chooses: 2 at token 3, and a fifth of it at each place of 1 to 5 that is older than the window. The window has 0.4 and one more.
  test('only the heads that retrieve choose, and all keep the same', () => {
    close(scoresOf(compresskv, layer([0.1, 0.9]), 3, settings(1)), [0, 0.4, 0.4, 0.4, 1.4, 1.4]);
    expect(keptBy(compresskv, layer([0.1, 0.9]), 3, settings(1))).toEqual([
      [1, 4, 5],
      [1, 4, 5],
    ]);
  });

  // The first chooses: 1 and 0.25 at tokens 0 and 1, so that places 0 to 2 see both, and 3 the second only.
  test('another head, another choice', () => {
    close(scoresOf(compresskv, layer([0.9, 0.1]), 3, settings(1)), [0.25, 0.25, 0.25, 0.05, 1.25, 1.25]);
  });

  test('of several heads the mean', () => {
    close(scoresOf(compresskv, layer([0.9, 0.1]), 3, settings(9)), [0.125, 0.325, 0.325, 0.225, 1.325, 1.325]);
  });
});

// The second head chooses and holds 3 to 5; the first holds 0, 3, 5 and takes the scores of the tokens: a fifth of 2 for 3, nothing for 0.
test('heads that hold different tokens', () => {
  const held = heldOf(layer([0.1, 0.9]), [
    [0, 3, 5],
    [3, 4, 5],
  ]);
  const scores = scoresOf(compresskv, held, 2, settings(1));
  close([scores[0]!], [0, 0.4, 1.4]);
  close([scores[1]!], [0.4, 1.4, 1.4]);
});

// The answer is token 5, so that row 4 says it: 0.5 + 0.25 to tokens 0 and 1 by the first head, nothing by the second.
test('learns what each head pays to the whole passage', () => {
  const lesson = { text: 4, answer: [5, 6], sentence: [0, 2] } as const;
  expect(compresskv.learns!.from([layer([0, 0])], [lesson]).map((row) => [...row])).toEqual([[0.75], [0]]);
});
