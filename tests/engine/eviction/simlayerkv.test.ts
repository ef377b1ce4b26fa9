import { expect, test } from 'vitest';
import { pool } from '../../../src/engine/budget/pool.ts';
import { threshold } from '../../../src/engine/budget/threshold.ts';
import { simlayerkv } from '../../../src/engine/eviction/simlayerkv.ts';
import { selectFrom } from '../budget/layers.ts';
import { layerOf, scoresOf } from './layers.ts';

// The newest token pays 0.4 to the first entry and 0.1 + 0.2 to the two that stand before it: 0.7 to both ends.
const looks = [0.4, 0.1, 0.1, 0.1, 0.2, 0.1];
const layer = layerOf({ attentions: [[...new Array<number[]>(5).fill([1, 0, 0, 0, 0, 0]), looks]] });
const close = (settings: Record<string, number>, expected: number[]) =>
  expected.forEach((score, j) =>
    expect(scoresOf(simlayerkv, layer, 3, { first: 1, recent: 2, ...settings })[0]![j]).toBeCloseTo(score, 6),
  );

test('a layer that looks at its ends is lazy, and gives up what lies between', () => {
  close({ threshold: 0.6 }, [2, -0.7, -0.7, -0.7, -0.7, 2]);
  close({ threshold: 0.8 }, [2, 0.3, 0.3, 0.3, 0.3, 2]);
});

// 0.4 and 0.5 at the ends; first, recent and newest are as many as there are.
test('a short text has no lazy layer, and a threshold of 1 none at all', () => {
  close({ threshold: 0.6, recent: 4 }, [2, 0.1, 0.1, 2, 2, 2]);
  close({ threshold: 1, first: 3, recent: 3 }, [2, 2, 2, 1 - 1.0, 2, 2]);
});

test('where layers share the room, the lazier one gives up more', () => {
  const lazy = scoresOf(simlayerkv, layer, 3, { threshold: 0.6, first: 1, recent: 2 });
  const other = scoresOf(simlayerkv, layer, 3, { threshold: 0.8, first: 1, recent: 2 });
  expect(selectFrom(pool, [lazy, other], [4, 4])).toEqual([[[0, 5]], [[0, 1, 2, 3, 4, 5]]]);
});

// As kvpress: a lazy layer keeps the first and the recent ones but as many as vote, any other all.
test('behind a threshold of 0 layers keep their ends or all, whatever the others do', () => {
  const lazy = scoresOf(simlayerkv, layer, 3, { threshold: 0.6, first: 1, recent: 2 });
  const other = scoresOf(simlayerkv, layer, 3, { threshold: 0.8, first: 1, recent: 2 });
  const settings = { at: 0, window: 0 };
  expect(selectFrom(threshold, [lazy, other], [6, 6], settings)).toEqual([[[0, 5]], [[0, 1, 2, 3, 4, 5]]]);
  expect(selectFrom(threshold, [lazy, lazy], [6, 6], settings)).toEqual([[[0, 5]], [[0, 5]]]);
});

test('in a lane both ends take half of the budget', () => {
  const settings = { threshold: 0.9, first: 4, recent: 1024, last: 1 };
  expect(simlayerkv.fit!(settings, 512, 128)).toEqual({ ...settings, recent: 61 });
  expect(simlayerkv.fit!(settings, 512, 4)).toEqual({ ...settings, first: 1, recent: 2 });
});
