import { describe, expect, test } from 'vitest';
import { attentionLevels, headsInView, inkOf } from '../../src/figures/ink.ts';
import { frameOf } from './frames.ts';

describe('heads in view, of 2 layers with 3 KV heads', () => {
  test.each([
    ['all', 'all', [0, 1, 2, 3, 4, 5]],
    [0, 'all', [0, 1, 2]],
    [1, 'all', [3, 4, 5]],
    ['all', 2, [2, 5]],
    [1, 1, [4]],
    // A link may name a layer that another model has; then all are shown.
    [7, 'all', [0, 1, 2, 3, 4, 5]],
    [0, 5, [0, 1, 2, 3, 4, 5]],
  ] as const)('layer %s, head %s', (layer, head, expected) =>
    expect(headsInView({ layer, head }, 6, 3)).toEqual(expected),
  );
});

describe('ink', () => {
  const frame = frameOf(['####', '#.#.', '#...', '#...']);

  test('is the share of the slots in view that hold a word, in sixteenths', () => {
    expect([...inkOf(frame, { positions: 4 }, [0, 1, 2, 3]).level]).toEqual([16, 4, 8, 4]);
    expect([...inkOf(frame, { positions: 4 }, [1]).level]).toEqual([16, 0, 16, 0]);
    expect([...inkOf(frame, { positions: 4 }, [0, 1, 2]).level]).toEqual([16, 5, 11, 5]);
  });

  test('never runs out while one head holds the word', () => {
    const many = frameOf(['#', ...new Array<string>(63).fill('.')]);
    expect([
      ...inkOf(
        many,
        { positions: 1 },
        Array.from({ length: 64 }, (_, i) => i),
      ).level,
    ]).toEqual([1]);
  });

  test('stops where reading has come to', () => {
    expect([...inkOf(frameOf(['####'], { read: 2 }), { positions: 4 }, [0]).level]).toEqual([16, 16, 0, 0]);
  });

  // Head 0 holds 4 tokens, of which 2 keys and 1 value are encoded: the first has both sides, the second one, which is not most of it.
  test('is low where more than half of the sides held are encoded, in the order of what is held', () => {
    const one = frameOf(['####'], { encodedKeys: Int32Array.of(2), encodedValues: Int32Array.of(1) });
    expect([...inkOf(one, { positions: 4 }, [0]).low]).toEqual([1, 0, 0, 0]);
    const two = frameOf(['#.##', '####'], { encodedKeys: Int32Array.of(2, 4), encodedValues: Int32Array.of(2, 3) });
    expect([...inkOf(two, { positions: 4 }, [0, 1]).low]).toEqual([1, 1, 1, 0]);
    expect([...inkOf(two, { positions: 4 }, [0]).low]).toEqual([1, 0, 1, 0]);
  });
});

test('attention has five steps, and none where little or nothing was looked at', () => {
  const weights = [0.05, 0.09, 0.14, 0.2, 0.28, 1];
  const frame = frameOf(['#######'], { attention: { positions: [0, 1, 2, 3, 4, 6], weights } });
  expect([...attentionLevels(frame, 7)]).toEqual([0, 1, 2, 3, 4, 0, 5]);
  expect([...attentionLevels(frameOf(['##']), 2)]).toEqual([0, 0]);
});
