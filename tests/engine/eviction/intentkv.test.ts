import { describe, expect, test } from 'vitest';
import { intentkv } from '../../../src/engine/eviction/intentkv.ts';
import { parseLane, termOf } from '../../../src/engine/lane-spec.ts';
import { forkPlan, makePlan, makeScorer } from '../../../src/engine/plan.ts';
import { keptBy, layerOf, scoresOf } from './layers.ts';

const ln = Math.log;
// One KV head of two query heads, of width 1: the root of the width is 1, and the direction of a query is its sign.
const keys = [[[9], [ln(2)], [0], [0], [ln(4)], [7]]];
const first = (seq: number) =>
  layerOf({
    keys: [keys[0]!.slice(0, seq)],
    queries: [[[1], [1], [1], [1], [5], [3]].slice(0, seq), [[1], [1], [1], [1], [-2], [-2]].slice(0, seq)],
  });
const close = (actual: number[][], expected: number[]) => {
  expected.forEach((score, j) => expect(actual[0]![j]).toBeCloseTo(score, 6));
};
const settings = { span: 2, sinks: 1, decay: 0.5 };

describe('the last two of six tokens ask', () => {
  // Their queries point up in the first head, down in the second. The history is tokens 1 to 3: keys ln 2, 0, 0, so that the shares are
  // 2/4, 1/4, 1/4 and, the other way, (1/2)/(5/2) = 1/5, 2/5, 2/5. The first token and the two that ask have the highest, 0.7, and one more.
  test('what both heads give is added up, and the first and last stay', () => {
    const scores = scoresOf(intentkv, first(6), 4, settings);
    close(scores, [1.7, 0.7, 0.65, 0.65, 1.7, 1.7]);
    expect(keptBy(intentkv, first(6), 4, settings)).toEqual([[0, 1, 4, 5]]);
  });

  // Half of a budget of 2 is one token; one is left for the first. The history then has token 4 too, and the one that asks last is still asked with the other.
  test('a small budget has a smaller window, and then no sinks', () => {
    const up = [2, 1, 1, 4].map((share) => share / 8);
    const down = [1 / 2, 1, 1, 1 / 4].map((share) => share / 2.75);
    const sums = up.map((share, j) => share + down[j]!);
    close(scoresOf(intentkv, first(6), 2, settings), [Math.max(...sums) + 1, ...sums, Math.max(...sums) + 1]);
    expect(keptBy(intentkv, first(6), 1, settings)).toEqual([[5]]);
  });
});

describe('over turns', () => {
  // The first turn ends behind token 3: both heads point up. The second is tokens 4 and 5: up and down. With e^-decay = 1/2 the memories are 3/2 and -1/2;
  // with no decay 2 and 0; where all is forgotten, as above.
  const asked = (decay: number) => {
    const scorer = intentkv.make({ decay, span: 2, sinks: 1 }, []);
    scorer.score(first(4), 4);
    return scorer;
  };
  const shares = (up: number, down: number) => {
    const weights = [up, down].map((by) => [2 ** by, 1, 1]);
    return [0, 1, 2].map((j) => weights.reduce((sum, row) => sum + row[j]! / (row[0]! + 2), 0));
  };

  test('older ones count less', () => {
    for (const [decay, up, down] of [
      [ln(2), 1.5, -0.5],
      [0, 2, 0],
      [ln(1e9), 1, -1],
    ] as const) {
      const rows = asked(decay).score(first(6), 4);
      close(
        rows.map((row) => [...row].slice(1, 4)),
        shares(up, down),
      );
    }
  });

  test('asked twice at one moment, or about an earlier one, nothing counts twice or too early', () => {
    const scorer = asked(0);
    const once = scorer.score(first(6), 4);
    expect(scorer.score(first(6), 4)).toEqual(once);
    expect(scorer.score(first(4), 4)).toEqual(asked(0).score(first(4), 4));
    expect(scorer.score(first(6), 4)).toEqual(once);
  });

  test('a fork remembers the same, and goes on by itself, within other rules too', () => {
    for (const text of ['intentkv(decay=0,span=2)', 'inverted(intentkv(decay=0,span=2))']) {
      const plan = makePlan(parseLane(text).spec);
      plan.scorer.score(first(4), 4);
      const fork = forkPlan(plan);
      fork.scorer.score(first(5), 4);
      const untouched = makeScorer(termOf(text));
      untouched.score(first(4), 4);
      expect(plan.scorer.remembers).toBe(true);
      expect(plan.scorer.score(first(6), 4)).toEqual(untouched.score(first(6), 4));
      expect(fork.scorer.score(first(6), 4)).not.toEqual(plan.scorer.score(first(6), 4));
    }
  });
});
