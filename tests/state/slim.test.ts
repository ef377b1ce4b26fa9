import { describe, expect, test } from 'vitest';
import { Comparer } from '../../src/state/compare.ts';
import { slim } from '../../src/state/slim.ts';
import { defaultView } from '../../src/state/view.ts';
import { engineOf } from '../engine/harbour.ts';

/** Lists of numbers that Astro writes into a page; any other would come out of it as nothing, and the picture would be wrong without a word. */
const written = new Set(['Uint8Array', 'Uint16Array', 'Uint32Array']);

function strangers(value: unknown, path = 'shown'): string[] {
  if (ArrayBuffer.isView(value))
    return written.has(value.constructor.name) ? [] : [`${path}: ${value.constructor.name}`];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => strangers(inner, `${path}.${key}`));
}

describe('a run that is written into a page', () => {
  // One lane for each thing that a cache does.
  test.each([
    'snapkv+compact',
    'h2o+merge',
    'streaming-llm+rerotate',
    'kvflash(every=1)',
    'quest',
    'h2o+kivi',
    'adakv(snapkv)',
  ])('%s comes out of it as it went in', (lane) => {
    const shown = new Comparer(engineOf()).explain({
      ...defaultView,
      lanes: ['full', lane],
      length: 96,
      seed: 3,
      view: 'scores',
    });
    expect(strangers(slim(shown))).toEqual([]);
  });
});
