import { describe, expect, test } from 'vitest';
import { causeLevels, headsInView, inkOf } from '../../src/figures/ink.ts';
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
  const level = (...heads: number[]) => [...inkOf(frame, 4, heads).level];

  test('is the share of the slots in view that hold a word, in sixteenths', () => {
    expect(level(0, 1, 2, 3)).toEqual([16, 4, 8, 4]);
    expect(level(1)).toEqual([16, 0, 16, 0]);
    expect(level(0, 1, 2)).toEqual([16, 5, 11, 5]);
  });

  test('never runs out while one head holds the word', () => {
    const many = frameOf(['#', ...new Array<string>(63).fill('.')]);
    const all = Array.from({ length: 64 }, (_, i) => i);
    expect([...inkOf(many, 1, all).level]).toEqual([1]);
    expect([...inkOf(many, 1, all.slice(1)).level]).toEqual([0]);
  });

  test('slots count by the worth of their heads where that is asked for; alike where none in view has any', () => {
    // Worth 1, 0 and 3 of 4: the first word is held by the last head, the second by all, the third by the worthless one, the last by the first two.
    const held = frameOf(['.#.#', '.###', '##..']);
    expect([...inkOf(held, 4, [0, 1, 2], [1, 0, 3]).level]).toEqual([12, 16, 1, 4]);
    expect([...inkOf(held, 4, [1], [1, 0, 3]).level]).toEqual([0, 16, 16, 16]);
  });

  test('stops where reading has come to', () => {
    expect([...inkOf(frameOf(['####'], { read: 2 }), 4, [0]).level]).toEqual([16, 16, 0, 0]);
  });

  test('is as full at two bits as at sixteen', () => {
    expect([...inkOf(frameOf(['#248.']), 5, [0]).level]).toEqual([16, 16, 16, 16, 0]);
  });
});

describe('bits of a word are those of its most encoded number, where more than half of its numbers are encoded', () => {
  const bits = (keys: string[], values: string[], heads = keys.map((_, head) => head)) => [
    ...inkOf(frameOf(keys, { values }), keys[0]!.length, heads).bits,
  ];

  test('in one head: keys and values, keys alone, values alone, none', () => {
    expect(bits(['22##'], ['2#2#'])).toEqual([2, 0, 0, 0]);
    expect(bits(['248#'], ['888#'])).toEqual([2, 4, 8, 0]);
    expect(bits(['8'], ['3'])).toEqual([3]);
  });

  test('over several heads, of which some do not hold the word at all', () => {
    // Of four numbers two are encoded, and then three.
    expect(bits(['2#', '2#'], ['##', '##'])).toEqual([0, 0]);
    expect(bits(['2#', '2#'], ['2#', '##'])).toEqual([2, 0]);
    // The second head holds nothing, so the first one decides.
    expect(bits(['4', '.'], ['4', '.'])).toEqual([4]);
    expect(bits(['.', '.'], ['.', '.'])).toEqual([0]);
  });

  test('only of the heads in view', () => {
    expect(bits(['2#', '#4'], ['2#', '#4'], [0])).toEqual([2, 0]);
    expect(bits(['2#', '#4'], ['2#', '#4'], [1])).toEqual([0, 4]);
    expect(bits(['2#', '#4'], ['2#', '#4'])).toEqual([0, 0]);
  });
});

test('what an answer is owed to has five steps, by what it loses without the word', () => {
  const causes = [0.3, 0.69, 0.7, 1.5, 3, 20].map((loss, i) => ({ position: i + 1, loss }));
  expect([...causeLevels(causes, 9)]).toEqual([0, 1, 1, 2, 3, 4, 5, 0, 0]);
  expect([...causeLevels([], 2)]).toEqual([0, 0]);
});
