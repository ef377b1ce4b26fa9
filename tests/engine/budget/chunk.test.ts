import { describe, expect, test } from 'vitest';
import { block } from '../../../src/engine/budget/block.ts';
import { chunk } from '../../../src/engine/budget/chunk.ts';
import type { BudgetMember } from '../../../src/engine/budget/types.ts';
import type { LayerView } from '../../../src/engine/eviction/types.ts';
import { termOf } from '../../../src/engine/lane-spec.ts';
import { makeScorer } from '../../../src/engine/plan.ts';
import { defaults, type SettingValues } from '../../../src/engine/settings.ts';
import { heldOf, layerOf } from '../eviction/layers.ts';
import { listed } from './layers.ts';

const kept = (member: BudgetMember, rule: string, layer: LayerView, budget: number, settings: SettingValues) => {
  const selector = member.make({ ...defaults(member.settings), ...settings }, makeScorer(termOf(rule)));
  return listed(selector.select([], [budget], [layer]))[0];
};

// Keys as long as their numbers; `inverted(knorm)` likes long ones.
const lengths = layerOf({
  keys: [
    [[5], [1], [10], [0], [2], [3]],
    [[1], [2], [3], [4], [5], [6]],
  ],
});

describe('piece by piece, six entries in pieces of four and two', () => {
  const chosen = (budget: number, length = 4) => kept(chunk, 'inverted(knorm)', lengths, budget, { length });

  // Half of each: two of 5, 1, 10, 0 and one of 2, 3; two of 1, 2, 3, 4 and one of 5, 6.
  test('each piece keeps its share', () => {
    expect(chosen(3)).toEqual([
      [0, 2, 5],
      [2, 3, 5],
    ]);
  });

  // A tenth of four is cut off to nothing.
  test('and at least one entry', () => {
    expect(chosen(0.6)).toEqual([
      [2, 5],
      [3, 5],
    ]);
    expect(chosen(0)).toEqual([[], []]);
    expect(chosen(6)).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2, 3, 4, 5],
    ]);
  });

  test('one piece is no pieces', () => {
    expect(chosen(2, 6)).toEqual([
      [0, 2],
      [4, 5],
    ]);
  });

  // The second head lacks 2 and 3: its first piece is 0, 1, 4, 5.
  test('heads that hold different tokens are cut by what they hold', () => {
    const ragged = heldOf(lengths, [
      [0, 1, 2, 3, 4, 5],
      [0, 1, 4, 5],
    ]);
    expect(kept(chunk, 'inverted(knorm)', ragged, 3, { length: 4 })).toEqual([
      [0, 2, 5],
      [2, 3],
    ]);
  });

  test('in a lane, pieces are long enough that one entry of each fits', () => {
    expect(chunk.fit!({ length: 64 }, 512, 3.2)).toEqual({ length: 171 });
    expect(chunk.fit!({ length: 64 }, 512, 100)).toEqual({ length: 64 });
    expect(chunk.fit!({ length: 64 }, 512, 0)).toEqual({ length: 512 });
  });
});

describe('block by block', () => {
  // 5, 1 against 10, 0; then 5, 10 against 2, 3. And 1, 2 against 3, 4; then 3, 4 against 5, 6.
  test('the best so far compete with the next block', () => {
    for (const size of [1, 2, 3, 9]) {
      expect(kept(block, 'inverted(knorm)', lengths, 2.9, { size })).toEqual([
        [0, 2],
        [4, 5],
      ]);
    }
  });

  test('nothing, and everything', () => {
    expect(kept(block, 'knorm', lengths, 0.9, { size: 2 })).toEqual([[], []]);
    expect(kept(block, 'knorm', lengths, 6, { size: 2 })).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2, 3, 4, 5],
    ]);
  });

  const looks = layerOf({
    keys: [[[0], [0], [0], [0]]],
    attentions: [
      [
        [1, 0, 0, 0],
        [0.4, 0.6, 0, 0],
        [0.1, 0.8, 0.1, 0],
        [0.9, 0.05, 0.03, 0.02],
      ],
    ],
  });

  // Of the whole text, tova keeps the newest token and 0, at which that looks. Block by block, token 2 looked at 1, and 0 was gone when 3 came.
  test('what was dropped early is not there when it is wanted', () => {
    expect(kept(chunk, 'tova', looks, 2, { length: 4 })).toEqual([[0, 3]]);
    expect(kept(block, 'tova', looks, 2, { size: 1 })).toEqual([[1, 3]]);
    expect(kept(block, 'tova', looks, 2, { size: 2 })).toEqual([[0, 3]]);
  });
});
