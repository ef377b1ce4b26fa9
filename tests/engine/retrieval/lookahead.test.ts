import { expect, test } from 'vitest';
import { constant, gates } from '../../../src/engine/retrieval/lookahead-gates.ts';
import { lookahead } from '../../../src/engine/retrieval/lookahead.ts';
import type { Sight } from '../../../src/engine/retrieval/types.ts';
import { cacheOf } from '../fate/caches.ts';
import { config } from '../harbour.ts';

const unit = (channel: number) => [0, 1, 2, 3].map((c) => Number(c === channel));

/** One head of 40 tokens, five chunks of eight, whose keys point along channels 0, 1, 2, 3 and 0. */
const cacheWith = () => {
  const keys = [0, 1, 2, 3, 0].flatMap((channel) => Array.from({ length: 8 }, () => unit(channel)));
  return cacheOf([{ keys, values: keys }]).cache;
};

const arranged = (threshold: number, room: number, query: number[]) => {
  const cache = cacheWith();
  const sight = { room, prompt: 40, query: () => Float32Array.from(query) } as unknown as Sight;
  lookahead.make({ every: 1, threshold }).arrange!(cache, sight);
  const near = [...(cache.near(0) ?? cache.tokens(0))];
  return [0, 1, 2, 3, 4].filter((chunk) => near.includes(8 * chunk));
};

// With one query head the first gate counts: a chunk of cosine x has the probability 1 / (1 + exp(-(constant + gate * x))).
test('chunks from the threshold on are near, with the first and the newest, and no others, however much room there is', () => {
  const probability = (cosine: number) => 1 / (1 + Math.exp(-(constant + gates[0]! * cosine)));
  const [none, all] = [probability(0), probability(1)];
  expect(none).toBeLessThan(all);
  const between = (none + all) / 2;
  expect(arranged(between, 40, unit(2))).toEqual([0, 2, 4]);
  expect(arranged(all + 1e-3, 40, unit(2))).toEqual([0, 4]);
  expect(arranged(0, 40, unit(2))).toEqual([0, 1, 2, 3, 4]);
  // A query that points away counts as none.
  expect(arranged(between, 40, [0, 0, -1, 0])).toEqual([0, 4]);
});

test('the budget is a limit above the threshold: the likeliest come first', () => {
  expect(arranged(0, 24, unit(3))).toEqual([0, 3, 4]);
  expect(arranged(0, 16, unit(3))).toEqual([0, 4]);
  expect(arranged(0, 7, unit(3))).toEqual([]);
});

test('one gate for each query head of the model', () => {
  expect(gates).toHaveLength(config.layers * config.heads);
});
