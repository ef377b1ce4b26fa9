import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policies } from '../../../src/engine/eviction/index.ts';
import { missingTensors } from '../../../src/engine/eviction/trace.ts';
import { defaults, parseSettings, type SettingValues } from '../../../src/engine/settings.ts';
import { keptBy, layerOf, randomTensors, scoresOf, type Sizes } from './layers.ts';

/** Settings beside the defaults under which a policy must run on short texts. A policy that has settings needs a row. */
const small: Record<string, SettingValues[]> = {
  full: [{}],
  h2o: [{}, { average: false, recent: 0.5 }, { recent: 1 }],
  knorm: [{}],
  oracle: [{}],
  random: [{}, { seed: 9 }],
  snapkv: [{ window: 3 }, { window: 1, kernel: 1 }],
  'streaming-llm': [{}, { sinks: 0 }],
  tova: [{}],
};

const layers = fc
  .record({
    seq: fc.integer({ min: 5, max: 24 }),
    kvHeads: fc.integer({ min: 1, max: 3 }),
    group: fc.integer({ min: 1, max: 3 }),
    headDim: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ group, seed, share, ...sizes }) => ({
    seed,
    share,
    sizes: { ...sizes, heads: sizes.kvHeads * group } satisfies Sizes,
  }));

test('the index is alphabetical and lists every policy of the folder under its own name', () => {
  const folder = new URL('../../../src/engine/eviction/', import.meta.url);
  const files = readdirSync(folder).filter((file) =>
    readFileSync(new URL(file, folder), 'utf8').includes('= definePolicy({'),
  );
  expect(Object.keys(policies)).toEqual(files.map((file) => file.replace('.ts', '')).sort());
  expect(Object.values(policies).map((policy) => policy.name)).toEqual(Object.keys(policies));
  expect(Object.keys(small)).toEqual(Object.keys(policies));
});

describe.each(Object.values(policies))('$name', (policy) => {
  test('its defaults are settings that it allows', () => {
    const pairs = Object.entries(defaults(policy.settings)).map(([key, value]) => [key, String(value)] as const);
    expect(parseSettings(policy.settings, pairs)).toEqual({ settings: defaults(policy.settings), problems: [] });
  });

  test.each(small[policy.name]!)(
    'with %j keeps exactly the budget, with finite scores, and the same twice',
    (settings) => {
      fc.assert(
        fc.property(layers, ({ seed, share, sizes }) => {
          const layer = layerOf(randomTensors(seed, sizes));
          const kept = Math.floor(share * sizes.seq);
          const scores = scoresOf(policy, layer, kept, settings);
          expect(scores.map((row) => row.length)).toEqual(new Array(sizes.kvHeads).fill(sizes.seq));
          expect(scores.flat().every(Number.isFinite)).toBe(true);
          const positions = keptBy(policy, layer, kept, settings);
          for (const row of positions) expect([...new Set(row)].sort((a, b) => a - b)).toEqual(row);
          expect(positions.map((row) => row.length)).toEqual(new Array(sizes.kvHeads).fill(kept));
          expect(scoresOf(policy, layer, kept, settings)).toEqual(scores);
        }),
        { numRuns: 40 },
      );
    },
  );

  test('every alternative in `needs` suffices, with the default settings', () => {
    const { attentions, keys, queries, values, future_attentions } = randomTensors(1, {
      seq: 80,
      heads: 4,
      kvHeads: 2,
      headDim: 4,
    });
    const all = { attentions, keys, queries, values, future_attentions };
    for (const names of policy.needs) {
      // The values are always there: without a tensor of KV heads, a layer cannot know how many it has.
      const given = Object.fromEntries(
        Object.entries(all).filter(([name]) => name === 'values' || names.some((needed) => needed === name)),
      );
      expect(missingTensors(policy, (name) => name in given)).toBeUndefined();
      const scores = scoresOf(policy, layerOf(given), 20).flat();
      scoresOf(policy, layerOf(all), 20)
        .flat()
        .forEach((score, at) => expect(scores[at]).toBeCloseTo(score, 5));
    }
  });
});
