import { expect, test } from 'vitest';
import { infllm } from '../../../src/engine/retrieval/infllm.ts';
import type { Sight } from '../../../src/engine/retrieval/types.ts';
import { cacheOf, type Rows } from '../fate/caches.ts';

const unit = (channel: number) => [0, 1, 2, 3].map((c) => Number(c === channel));

/** Eight tokens in four blocks of two; the second of each block is along channel 0, 1, 2, 3, the first along the next one. */
const keys: Rows = [1, 0, 2, 1, 3, 2, 0, 3].map(unit);

/** Every query looks at odd tokens before it, and a little at its own. */
const look = (_head: number, token: number) =>
  Float32Array.from({ length: token + 1 }, (_, entry) => (entry === token ? 0.1 : entry % 2));

const sight = (queries: readonly Rows[number][], room: number): Sight =>
  ({
    room,
    prompt: 8,
    query: (layer: number) => Float32Array.from(queries[layer]!),
    look,
  }) as unknown as Sight;

const arranged = (
  query: number[],
  room: number,
  settings: Partial<Record<'block' | 'typical' | 'window', number>> = {},
) => {
  const { cache } = cacheOf([{ keys, values: keys }]);
  infllm.make({ block: 2, typical: 1, window: 2, ...settings }).arrange!(cache, sight([query], room));
  return [...(cache.near(0) ?? cache.tokens(0))];
};

// Within a window of two, token t is seen by t itself and t + 1: an odd token gets 0.1 + 1, an even one 0.1. So the odd ones are typical: channels 0, 1, 2, 3.
// The first block and the newest are near in any case, which leaves one place of three, and two of four.
test('a block is near whose typical token fits the query', () => {
  expect(arranged(unit(1), 6)).toEqual([0, 1, 2, 3, 6, 7]);
  expect(arranged(unit(2), 6)).toEqual([0, 1, 4, 5, 6, 7]);
  // Channel 2 is also that of token 2, which stands for nothing.
  expect(arranged([0, 0.4, 0.5, 0], 6)).toEqual([0, 1, 4, 5, 6, 7]);
  expect(arranged(unit(1), 4)).toEqual([0, 1, 6, 7]);
  expect(arranged(unit(1), 1)).toEqual([]);
});

// With both tokens of a block, the mean keys are (.5 .5 0 0), (0 .5 .5 0), (0 0 .5 .5), (.5 0 0 .5).
test('two typical tokens are one mean key', () => {
  expect(arranged([0, 0.4, 0.5, 0], 6, { typical: 2 })).toEqual([0, 1, 2, 3, 6, 7]);
  expect(arranged([0, 0, 0.4, 0.5], 6, { typical: 2 })).toEqual([0, 1, 4, 5, 6, 7]);
});

// A window of four keeps the two newest blocks.
test('blocks of the window stay near', () => {
  expect(arranged(unit(1), 6, { window: 4 })).toEqual([0, 1, 4, 5, 6, 7]);
  expect(arranged(unit(1), 8, { window: 4 })).toHaveLength(8);
});

test('each layer has blocks of its own, and its share of the room', () => {
  const { cache } = cacheOf(
    [0, 1].map(() => ({ keys, values: keys })),
    2,
  );
  const one = infllm.make({ block: 2, typical: 1, window: 2 });
  one.arrange!(cache, sight([unit(1), unit(2)], 12));
  expect([0, 1].map((head) => [...cache.near(head)!])).toEqual([
    [0, 1, 2, 3, 6, 7],
    [0, 1, 4, 5, 6, 7],
  ]);
  // Other queries: one block goes, another comes, 2 entries of 16 bytes each way and layer; two entries a layer went at first.
  one.fork().arrange!(cache, sight([unit(2), unit(1)], 12));
  expect([0, 1].map((head) => [...cache.near(head)!])).toEqual([
    [0, 1, 4, 5, 6, 7],
    [0, 1, 2, 3, 6, 7],
  ]);
  expect(cache.moved).toEqual({ in: 64, out: 128 });
});

test('typical keys are bytes of the host', () => {
  const one = infllm.make({ block: 8, typical: 2, window: 16 });
  const at = { layer: 0, layers: 1, kvHead: 0, headDim: 32 };
  expect([one.bytes(20, at), one.hostBytes!(20, at)]).toEqual([0, 2 * 32 * 2]);
});
