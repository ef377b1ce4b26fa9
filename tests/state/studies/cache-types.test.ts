import { describe, expect, test } from 'vitest';
import * as study from '../../../src/state/studies/cache-types.ts';
import { cacheTypesView, types } from '../../../src/state/studies/cache-types.ts';
import { studyLink } from '../../../src/state/study.ts';
import { engineOf } from '../../engine/harbour.ts';

test('the link of the figure names its text and its question', () => {
  expect(studyLink(study).write(cacheTypesView)).toBe('v=1&seed=7&question=0');
});

describe('round trips of a cache', () => {
  const results = [...study.run(engineOf(), cacheTypesView)];
  const { tokens, question, trips } = results.at(-1)!;
  const [f16, ...written] = trips;

  test('one type after the other, beside f16', () => {
    expect(results.map((result) => result.trips.length)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(trips.map(({ type }) => type)).toEqual(['f16', ...types]);
    expect([tokens, question.endsWith('?')]).toEqual([256, true]);
  });

  // Blocks of 32 numbers: payload and scale, and a minimum where there is one, of the 64 bytes that they take at 16 bits.
  test('bytes are those of the blocks, to three digits', () => {
    const bytes = (codes: number, scales: number) => [codes / 64, scales / 64].map((x) => Number(x.toPrecision(3)));
    expect(trips.map(({ codes, scales }) => [codes, scales])).toEqual([
      bytes(64, 0),
      bytes(32, 2),
      bytes(20, 4),
      bytes(20, 2),
      bytes(16, 4),
      bytes(16, 2),
      bytes(16, 2),
    ]);
  });

  test('f16 does no damage; fewer bits do more, in keys and in values; the answer stays', () => {
    expect([f16!.keys, f16!.values, f16!.output, f16!.kl]).toEqual([0, 0, 0, 0]);
    for (const side of ['keys', 'values'] as const) {
      const [q8, q51, q50, q41, q40] = written.map((trip) => trip[side]);
      expect(0 < q8! && q8! < q51! && q51! < q50! && q50! < q41! && q41! < q40!).toBe(true);
    }
    for (const { answer, right } of trips) expect([answer, right]).toEqual([f16!.answer, true]);
  });
});
