import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KVCache } from '../../../src/engine/cache/kv-cache.ts';
import { compact } from '../../../src/engine/fate/compact.ts';
import { compare, engineOf, shortPrompt } from '../harbour.ts';
import { laneOf, range } from '../lanes.ts';
import { cacheOf, keysOf, marked, valuesOf } from './caches.ts';

/** Forty tokens in three blocks, of which each head keeps some; then what stays is moved together. */
function compacted(kept: readonly (readonly number[])[], order: boolean, tokens = 40) {
  const { cache, events } = cacheOf(kept.map((_, head) => marked(tokens, head)));
  cache.retain(
    0,
    kept.map((entries) => Int32Array.from(entries)),
  );
  const before = events.length;
  compact.make({ order }).after!(cache, 0);
  cache.reclaim();
  const moves = events.flatMap((event) => (event.type === 'copy' ? [event.moves.map((list) => [...list])] : []));
  const freed = events.slice(before).flatMap((event) => (event.type === 'free' ? [event.index] : []));
  return { cache, moves: moves[0], freed };
}

const slots = (cache: KVCache, head = 0) => [...cache.slots(head)];

/** What each head holds, by the rows in which it lies. */
function expectHeld(cache: KVCache, kept: readonly (readonly number[])[], tokens = 40) {
  kept.forEach((entries, head) => {
    const { keys, values } = marked(tokens, head);
    expect([...cache.tokens(head)]).toEqual(entries);
    expect([...cache.positions(head)]).toEqual(entries);
    expect(keysOf(cache, head)).toEqual(entries.map((entry) => keys[entry]));
    expect(valuesOf(cache, head)).toEqual(entries.map((entry) => values[entry]));
  });
}

describe('six of forty tokens, in all three blocks', () => {
  const kept = [[0, 5, 17, 20, 33, 39]];

  test('in order: entry i goes to slot i, and two blocks come back', () => {
    const { cache, moves, freed } = compacted(kept, true);
    expect(slots(cache)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(moves).toEqual([[5, 1, 17, 2, 20, 3, 33, 4, 39, 5]]);
    expect(freed).toEqual([1, 2]);
    expectHeld(cache, kept);
  });

  // Slots 6 and above are too many: 17, 20, 33 and 39 go into 1 to 4. What lies in 0 and 5 stays there.
  test('into the holes: only what lies behind the sixth slot moves', () => {
    const { cache, moves, freed } = compacted(kept, false);
    expect(slots(cache)).toEqual([0, 5, 1, 2, 3, 4]);
    expect(moves).toEqual([[17, 1, 20, 2, 33, 3, 39, 4]]);
    expect(freed).toEqual([1, 2]);
    expectHeld(cache, kept);
  });

  test('without it, all three blocks stay, for two entries each', () => {
    const { cache } = cacheOf([marked(40, 0)]);
    cache.retain(0, [Int32Array.from(kept[0]!)]);
    cache.reclaim();
    expect(cache.blocks.filter((block) => block >= 0)).toHaveLength(3);
  });

  test.each([true, false])('the next token comes right behind (order %s)', (order) => {
    const { cache } = compacted(kept, order);
    cache.append(12);
    expect(slots(cache).slice(6)).toEqual(range(6, 18));
    expect([...cache.tokens(0)].slice(6)).toEqual(range(40, 52));
    expect([...cache.positions(0)].slice(6)).toEqual(range(40, 52));
  });
});

// The first head needs 18 slots and the second two: the second block is needed, the third is not. Filling holes leaves token 1 in slot 1.
test('heads are moved by themselves, and a block comes back when no head needs it', () => {
  const kept = [range(20, 38), [1, 39]];
  const ordered = compacted(kept, true);
  expect([slots(ordered.cache, 0), slots(ordered.cache, 1)]).toEqual([range(0, 18), [0, 1]]);
  expect(ordered.moves![1]).toEqual([1, 0, 39, 1]);
  expect(ordered.freed).toEqual([2]);
  expectHeld(ordered.cache, kept);
  const filled = compacted(kept, false);
  // 20 to 37 lie behind slot 17.
  expect([slots(filled.cache, 0), slots(filled.cache, 1)]).toEqual([range(0, 18), [1, 0]]);
  expect(filled.moves![1]).toEqual([39, 0]);
  expect(filled.freed).toEqual([2]);
  expectHeld(filled.cache, kept);
});

test('what is dense already does not move', () => {
  for (const order of [true, false]) {
    const { moves, freed } = compacted([range(0, 32)], order);
    expect(moves).toEqual([[]]);
    expect(freed).toEqual([2]);
  }
});

// Filled holes leave slots out of order; the next compaction in order must not overwrite what it has yet to read.
test('again, after holes were filled', () => {
  const { cache } = compacted([[0, 5, 17, 20, 33, 39]], false);
  cache.retain(0, [Int32Array.of(1, 2, 4, 5)]);
  compact.make({ order: true }).after!(cache, 0);
  expect(slots(cache)).toEqual([0, 1, 2, 3]);
  expectHeld(cache, [[5, 17, 33, 39]]);
});

describe('for anything that is kept', () => {
  const some = fc.array(
    fc.integer({ min: 0, max: 2 ** 30 }).map((seed) => range(0, 60).filter((t) => ((seed * (t + 1)) >> 7) % 3 === 0)),
    { minLength: 1, maxLength: 3 },
  );

  test.each([true, false])('the same rows are held, in the first slots, each once (order %s)', (order) => {
    fc.assert(
      fc.property(some, (kept) => {
        const { cache, moves } = compacted(kept, order, 60);
        expectHeld(cache, kept, 60);
        kept.forEach((entries, head) => {
          expect(slots(cache, head).sort((a, b) => a - b)).toEqual(range(0, entries.length));
          // Filling holes moves as few as can be: those that lie too far behind.
          if (!order) expect(moves![head]).toHaveLength(2 * entries.filter((t) => t >= entries.length).length);
        });
        const needed = Math.ceil(Math.max(...kept.map(({ length }) => length)) / 16);
        expect(cache.blocks.map((block) => block >= 0)).toEqual(range(0, 4).map((index) => index < needed));
      }),
      { numRuns: 100 },
    );
  });
});

describe('on the model', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(10));

  test.each([
    'snapkv(window=4)',
    'h2o+kivi(bits=4,group=8,residual=8)',
    'adakv(knorm)+every(2)',
    'tova+every(3)+quest(top=1,page=4,dense=0)',
  ])('%s: no logit changes by a bit, and fewer bytes are allocated', (lane) => {
    const [loose, ordered, filled] = compare(
      engine,
      prepared,
      [lane, `${lane}+compact`, `${lane}+compact(order=false)`],
      0.2,
    );
    for (const run of [ordered!, filled!]) {
      expect(run.steps.map(({ logits }) => logits)).toEqual(loose!.steps.map(({ logits }) => logits));
      expect(run.kept).toEqual(loose!.kept);
      expect(run.bytes.live).toBe(loose!.bytes.live);
      expect(run.bytes.allocated).toBeLessThan(loose!.bytes.allocated);
    }
  });

  // 32 entries a head are two blocks. The next four need a third, and cutting back gives it free again.
  test('a lane that shrinks again and again never needs more blocks', () => {
    const { lane, read } = laneOf(engine, prepared, 'snapkv(window=8)+every(4)+compact', 0.25);
    const blocks = () => lane.cache.blocks.filter((block) => block >= 0).length;
    const seen = range(0, 12).map(() => {
      const before = blocks();
      read(prepared.prompt.tokens[9]!);
      return [before, blocks()];
    });
    expect(seen.map(([before]) => before)).toEqual([2, 3, 3, 3, 2, 3, 3, 3, 2, 3, 3, 3]);
    expect(seen.at(-1)![1]).toBe(2);
    const loose = laneOf(engine, prepared, 'snapkv(window=8)+every(4)', 0.25);
    for (let i = 0; i < 12; i++) loose.read(prepared.prompt.tokens[9]!);
    expect(loose.lane.cache.blocks.filter((block) => block >= 0).length).toBeGreaterThan(4);
  });
});
