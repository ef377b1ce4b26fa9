import { describe, expect, test } from 'vitest';
import { snapkv } from '../../../src/engine/eviction/snapkv.ts';
import { heldOf, keptBy, layerOf, randomTensors, scoresOf } from './layers.ts';

const close = (rows: number[][], expected: number[][]) =>
  expected.flat().forEach((score, at) => expect(rows.flat()[at]).toBeCloseTo(score, 6));

describe('a window of 2 over 6 tokens, two heads that share a KV head', () => {
  // Mean of the two rows, window columns dropped: 0.3, 0.1, 0.2, 0.1 and 0.1, 0.1, 0.1, 0.4.
  const blank = new Array<number>(6).fill(0);
  const attentions = [
    [blank, blank, blank, blank, [0.4, 0.1, 0.1, 0.1, 0.3, 0], [0.2, 0.1, 0.3, 0.1, 0.1, 0.2]],
    [blank, blank, blank, blank, [0.1, 0.1, 0.1, 0.5, 0.2, 0], [0.1, 0.1, 0.1, 0.3, 0.2, 0.2]],
  ];
  const layer = layerOf({ attentions }, { kv_heads: '1' });
  const settings = { window: 2, kernel: 3 };

  // Pooled by 3 with zeros outside: (0.4, 0.6, 0.4, 0.3) / 3 and (0.2, 0.3, 0.6, 0.5) / 3. Mean of the two: 0.1, 0.15, 0.1667, 0.1333.
  test('pools, averages the group, and protects the window', () => {
    close(scoresOf(snapkv, layer, 3, settings), [[0.1, 0.15, 1 / 6, 0.4 / 3, 7 / 6, 7 / 6]]);
    expect(keptBy(snapkv, layer, 3, settings)).toEqual([[2, 4, 5]]);
    expect(keptBy(snapkv, layer, 4, settings)).toEqual([[1, 2, 4, 5]]);
    expect(keptBy(snapkv, layer, 5, settings)).toEqual([[1, 2, 3, 4, 5]]);
  });

  // Without pooling: 0.2, 0.1, 0.15, 0.25.
  test('a kernel of 1 does not pool', () => {
    close(scoresOf(snapkv, layer, 3, { window: 2, kernel: 1 }), [[0.2, 0.1, 0.15, 0.25, 1.25, 1.25]]);
    expect(keptBy(snapkv, layer, 4, { window: 2, kernel: 1 })).toEqual([[0, 3, 4, 5]]);
  });

  // Each head for itself has 0.1333, 0.2, 0.1333, 0.1 and 0.0667, 0.1, 0.2, 0.1667; both windows get the layer's 0.2 + 1.
  test('without a group, heads choose for themselves under one protection', () => {
    const alone = layerOf({ attentions });
    expect(keptBy(snapkv, alone, 3, settings)).toEqual([
      [1, 4, 5],
      [2, 4, 5],
    ]);
    expect(scoresOf(snapkv, alone, 3, settings).map((row) => row[5]!.toFixed(6))).toEqual(['1.200000', '1.200000']);
  });

  test('a kernel wider than the text still divides by its own size', () => {
    close(scoresOf(snapkv, layer, 3, { window: 2, kernel: 63 }), [[0.7 / 63, 0.7 / 63, 0.7 / 63, 0.7 / 63]]);
  });

  test('a budget smaller than the window keeps its earliest tokens', () => {
    expect(keptBy(snapkv, layer, 1, settings)).toEqual([[4]]);
  });

  // Without token 1: the votes 0.3, 0.2, 0.1 and 0.1, 0.1, 0.4 are pooled by 3 to (0.5, 0.6, 0.3) / 3 and (0.2, 0.6, 0.5) / 3.
  test('where entries were dropped, those that are left are neighbours', () => {
    close(scoresOf(snapkv, heldOf(layer, [[0, 2, 3, 4, 5]]), 3, settings), [[0.35 / 3, 0.2, 0.4 / 3, 1.2, 1.2]]);
  });

  test('a head that holds less than the window is all window', () => {
    const alone = layerOf({ attentions });
    close(scoresOf(snapkv, heldOf(alone, [[0, 1, 2, 3, 4, 5], [5]]), 3, settings), [
      [0.4 / 3, 0.2, 0.4 / 3, 0.1, 1.2, 1.2],
      [1.2],
    ]);
  });

  test('fits its window to the budget and to the text, and is never without one', () => {
    const fit = (window: number, seq: number, budget: number) => snapkv.fit!({ window, kernel: 5 }, seq, budget);
    expect(fit(64, 512, 128)).toEqual({ window: 64, kernel: 5 });
    expect(fit(64, 512, 20.9)).toEqual({ window: 10, kernel: 5 });
    expect(fit(64, 32, 128)).toEqual({ window: 31, kernel: 5 });
    expect(fit(64, 512, 0.5)).toEqual({ window: 1, kernel: 5 });
  });

  test('refuses a text no longer than the window, and names both numbers', () => {
    expect(() => scoresOf(snapkv, layer, 3, { window: 6 })).toThrow('there are 6 tokens and the window is 6');
    expect(() => scoresOf(snapkv, layer, 3)).toThrow('there are 6 tokens and the window is 16');
    expect(() => scoresOf(snapkv, layer, 3, { window: 5 })).not.toThrow();
  });
});

describe('from queries and keys', () => {
  const sizes = { seq: 30, heads: 6, kvHeads: 2, headDim: 8 };
  const { attentions, keys, queries } = randomTensors(11, sizes);
  const settings = { window: 7, kernel: 5 };

  test('agrees with the attentions', () => {
    close(
      scoresOf(snapkv, layerOf({ keys, queries }), 9, settings),
      scoresOf(snapkv, layerOf({ attentions, keys }), 9, settings),
    );
    expect(keptBy(snapkv, layerOf({ keys, queries }), 9, settings)).toEqual(
      keptBy(snapkv, layerOf({ attentions, keys }), 9, settings),
    );
  });

  test('the last rows suffice, and more make no difference', () => {
    const last = queries.map((rows) => rows.slice(-7));
    expect(scoresOf(snapkv, layerOf({ keys, queries: last }), 9, settings)).toEqual(
      scoresOf(snapkv, layerOf({ keys, queries }), 9, settings),
    );
  });

  test('fewer rows are refused', () => {
    const few = queries.map((rows) => rows.slice(-6));
    expect(() => scoresOf(snapkv, layerOf({ keys, queries: few }), 9, settings)).toThrow(
      'the last 7 positions are needed, and the layer has only 6',
    );
  });
});
