import { expect, test } from 'vitest';
import { readTalk, talks } from '../../../src/cli/lessons.ts';
import { seeded } from '../../../src/engine/random.ts';
import { samplesOf, seed } from '../../../src/engine/retrieval/lookahead-fit.ts';
import { lookahead } from '../../../src/engine/retrieval/lookahead.ts';
import type { Sight } from '../../../src/engine/retrieval/types.ts';
import { cacheOf } from '../fate/caches.ts';
import { config, engineOf } from '../harbour.ts';

const unit = (channel: number) => [0, 1, 2, 3].map((c) => Number(c === channel));

/** One head of 40 tokens, five chunks of eight, whose keys point along channels 0, 1, 2, 3 and 0. */
const cacheWith = () => {
  const keys = [0, 1, 2, 3, 0].flatMap((channel) => Array.from({ length: 8 }, () => unit(channel)));
  return cacheOf([{ keys, values: keys }]).cache;
};

const arranged = (threshold: number, room: number, query: number[]) => {
  const cache = cacheWith();
  const learned = () => Float32Array.of(4, -2);
  const sight = { room, prompt: 40, query: () => Float32Array.from(query), learned } as unknown as Sight;
  lookahead.make({ every: 1, threshold }).arrange!(cache, sight);
  const near = [...(cache.near(0) ?? cache.tokens(0))];
  return [0, 1, 2, 3, 4].filter((chunk) => near.includes(8 * chunk));
};

// One query head, whose gate is 4, and the constant -2: a cosine of 1 has the probability 1 / (1 + exp(-2)) = 0.881, a cosine of 0 has 0.119.
test('chunks from the threshold on are near, with the first and the newest, and no others, however much room there is', () => {
  expect(arranged(0.88, 40, unit(2))).toEqual([0, 2, 4]);
  expect(arranged(0.89, 40, unit(2))).toEqual([0, 4]);
  expect(arranged(0.12, 40, unit(2))).toEqual([0, 2, 4]);
  expect(arranged(0.11, 40, unit(2))).toEqual([0, 1, 2, 3, 4]);
  // A query that points away counts as none.
  expect(arranged(0.12, 40, [0, 0, -1, 0])).toEqual([0, 4]);
});

test('the budget is a limit above the threshold: the likeliest come first', () => {
  expect(arranged(0, 24, unit(3))).toEqual([0, 3, 4]);
  expect(arranged(0, 16, unit(3))).toEqual([0, 4]);
  expect(arranged(0, 7, unit(3))).toEqual([]);
});

test('the shipped gates: one for each query head, and on the texts that they were not fitted on as poor as the entry says', () => {
  const engine = engineOf();
  const { layers, kvHeads, heads } = config;
  const group = heads / kvHeads;
  const rows = Array.from({ length: layers }, (_, layer) => [
    ...engine.model.learned.of('lookahead_gates', layer),
  ]).flat();
  expect(rows).toHaveLength(layers * kvHeads * (group + 1));
  const gates = rows.filter((_, at) => at % (group + 1) < group);
  const constant = rows.filter((_, at) => at % (group + 1) === group).reduce((a, b) => a + b);
  const random = seeded(seed);
  const samples = Array.from({ length: talks.count / 4 }, (_, i) =>
    samplesOf(readTalk(engine, talks.seed + i), random),
  );
  const guessed = samples
    .flat()
    .map(({ x, y }) => [y, Number(x.reduce((sum, cosine, at) => sum + gates[at]! * cosine, constant) > 0)]);
  const share = (y: number) => {
    const those = guessed.filter(([label]) => label === y);
    return those.filter(([, guess]) => guess === y).length / those.length;
  };
  expect([share(1), share(0)].map((x) => Math.round(100 * x))).toEqual([37, 95]);
});
