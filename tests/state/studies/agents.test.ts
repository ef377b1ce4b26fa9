import { describe, expect, test } from 'vitest';
import { cachings } from '../../../src/engine/paging/call-pool.ts';
import * as study from '../../../src/state/studies/agents.ts';
import { agentsView, unpackUntil } from '../../../src/state/studies/agents.ts';
import { studyLink } from '../../../src/state/study.ts';
import { engineOf } from '../../engine/harbour.ts';

const engine = engineOf();
const ends = (change: Partial<study.AgentsView>) => [...study.run(engine, { ...agentsView, ...change })];

test('its link names all that decides the picture', () => {
  expect(studyLink(study).write(agentsView)).toBe('v=1&seed=7&room=400&size=16&caching=on&tick=end');
});

describe('the opening view', () => {
  const [early, late, ...none] = ends({});

  test('has its calls and pools first, then what came of computing less', () => {
    expect(none).toEqual([]);
    expect(early).toEqual({ ...late, checked: null });
    expect(late!.calls).toHaveLength(18);
  });

  test('the model answers every call as is right', () => {
    expect(late!.calls.filter(({ right }) => !right)).toEqual([]);
  });

  test('no logit is another, and most of the work is not done', () => {
    expect(late!.checked!.apart).toBe(0);
    expect(late!.checked!.work / late!.checked!.whole).toBeLessThan(0.35);
  });

  test('caching finds much, the oracle more, and nothing is found without', () => {
    const [off, on, oracle] = cachings.map((name) => late!.pools[name].reduce((sum, { found }) => sum + found, 0));
    expect(off).toBe(0);
    expect(on).toBeGreaterThan(2500);
    expect(oracle).toBeGreaterThan(on!);
  });
});

test.each([1, 16, 48, 64])('the longest call fits into the smallest room, in blocks of %i', (size) => {
  // The first result is there before anything is answered once more.
  for (const seed of [1, 2, 3]) {
    const [early] = study.run(engine, { ...agentsView, seed, room: study.fields.room.min, size });
    expect(early!.calls).toHaveLength(18);
  }
});

test('with room for everything nothing is lost, and there is nothing that an oracle could do better', () => {
  const { pools } = ends({ room: study.fields.room.max })[0]!;
  expect(pools.on.map(({ lost, evicted }) => lost + evicted)).toEqual(pools.on.map(() => 0));
  expect(pools.oracle).toEqual(pools.on);
});

test('when a block is lost comes back as it was written', () => {
  expect(unpackUntil('3 * 7')).toEqual([3, Infinity, 7]);
});
