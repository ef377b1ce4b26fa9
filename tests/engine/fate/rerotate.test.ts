import { describe, expect, test } from 'vitest';
import { rerotate } from '../../../src/engine/fate/rerotate.ts';
import { seeded } from '../../../src/engine/random.ts';
import { compare, config, engineOf, largestDifference, shortPrompt } from '../harbour.ts';
import { laneOf, range } from '../lanes.ts';
import { cacheOf, keysOf, valuesOf } from './caches.ts';

const random = seeded(5);
const row = () => Array.from({ length: 4 }, () => Math.fround(random() * 4 - 2));
const draw = (count: number) => Array.from({ length: count }, row);

/** Two heads of 40 tokens whose keys were turned to their positions, as a pass leaves them. */
function turned() {
  const raw = [draw(40), draw(40)];
  const values = [draw(40), draw(40)];
  const { cache, events } = cacheOf(raw.map((keys, head) => ({ keys, values: values[head]! })));
  const { heap, rope } = cache.store;
  const turn = (head: number, entry: number, to: number) => {
    const key = Float32Array.from(raw[head]![entry]!);
    rope.rotate(key, 0, 1, to);
    return [...key];
  };
  for (const head of [0, 1]) {
    for (let entry = 0; entry < 40; entry++) rope.rotate(heap.f32, cache.row(head, entry) * 4, 1, entry);
  }
  return { cache, events, values, turn };
}

describe('what stays moves up', () => {
  const kept = [[0, 1, 7, 8, 39], [3]];
  const { cache, events, values, turn } = turned();
  cache.retain(
    0,
    kept.map((entries) => Int32Array.from(entries)),
  );
  rerotate.make({}).after!(cache, 0);

  test('to positions 0, 1, 2, ... of each head; the words stay what they are', () => {
    expect([...cache.positions(0)]).toEqual([0, 1, 2, 3, 4]);
    expect([...cache.positions(1)]).toEqual([0]);
    expect([...cache.tokens(0)]).toEqual(kept[0]);
    expect([...cache.slots(0)]).toEqual(kept[0]);
    expect(events.at(-1)).toEqual({ type: 'rotate', layer: 0 });
  });

  test('each key is what turning it there directly would have given', () => {
    kept.forEach((entries, head) =>
      entries.forEach((entry, to) =>
        expect(largestDifference(keysOf(cache, head)[to]!, turn(head, entry, to))).toBeLessThan(1e-5),
      ),
    );
    // Not by chance: at its old position it was another.
    expect(largestDifference(keysOf(cache)[4]!, turn(0, 39, 39))).toBeGreaterThan(0.1);
  });

  test('values are untouched', () => {
    kept.forEach((entries, head) =>
      expect(valuesOf(cache, head)).toEqual(entries.map((entry) => values[head]![entry])),
    );
  });

  test('what moved by nothing keeps its bits', () => {
    expect(keysOf(cache)[0]).toEqual(turn(0, 0, 0));
    expect(keysOf(cache)[1]).toEqual(turn(0, 1, 1));
  });

  test('the next token follows on, in each head', () => {
    cache.append(2);
    expect([...cache.positions(0)]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([...cache.positions(1)]).toEqual([0, 1, 2]);
    expect([...cache.tokens(1)]).toEqual([3, 40, 41]);
  });
});

describe('on the model', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(9));

  // 28 of the 32 that stay moved by 96.
  test('every head counts its own entries, and goes on counting', () => {
    const { lane, read } = laneOf(engine, prepared, 'streaming-llm+rerotate', 0.25);
    expect([...lane.cache.positions(5)]).toEqual(range(0, 32));
    read(prepared.prompt.tokens[3]!, prepared.prompt.tokens[4]!);
    expect([...lane.cache.positions(5)]).toEqual(range(0, 34));
    expect([...lane.cache.tokens(5)]).toEqual([0, 1, 2, 3, ...range(100, 130)]);
    const { store } = lane.cache;
    const { headDim } = config;
    for (const head of range(0, 16)) {
      for (const [entry, token] of [...lane.cache.tokens(head)].slice(0, 32).entries()) {
        const before = store.key(prepared.prefix.cache.row(head, token)).slice();
        store.rope.rotate(before, 0, 1, entry - token);
        expect(largestDifference(store.key(lane.cache.row(head, entry)), before)).toBe(0);
        const value = store.value(prepared.prefix.cache.row(head, token)).slice(0, headDim);
        expect(store.value(lane.cache.row(head, entry))).toEqual(value);
      }
    }
  });

  // The cache that all lanes are forked from is not touched by one that turns its keys.
  test('other lanes keep their keys', () => {
    const [before] = compare(engine, prepared, ['snapkv'], 0.25);
    compare(engine, prepared, ['snapkv+rerotate'], 0.25);
    const [after] = compare(engine, prepared, ['snapkv'], 0.25);
    expect(after!.steps.map(({ logits }) => logits)).toEqual(before!.steps.map(({ logits }) => logits));
  });

  test('where nothing left, nothing moves, and the answer is that of the full cache to the bit', () => {
    const [full, whole, part] = compare(engine, prepared, ['full', 'snapkv+rerotate'], 1).concat(
      compare(engine, prepared, ['snapkv+rerotate'], 0.25),
    );
    const logits = (run: typeof full) => run!.steps.map((step) => step.logits);
    expect(logits(whole)).toEqual(logits(full));
    expect(logits(part)[0]).not.toEqual(logits(full)[0]);
  });

  // Attention looks at distances alone: the newest 32 tokens, turned or not, are as far from one another and from what comes next.
  test('a window without sinks is the same, turned or not, but for rounding', () => {
    const [still, moved] = compare(
      engine,
      prepared,
      ['streaming-llm(sinks=0)', 'streaming-llm(sinks=0)+rerotate'],
      0.25,
    );
    expect(moved!.answer).toEqual(still!.answer);
    expect(largestDifference(moved!.steps[0]!.logits, still!.steps[0]!.logits)).toBeLessThan(1e-2);
    expect(moved!.steps[0]!.logits).not.toEqual(still!.steps[0]!.logits);
  });
});
