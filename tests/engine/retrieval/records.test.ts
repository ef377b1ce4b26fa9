import { afterAll, describe, expect, test } from 'vitest';
import type { Event } from '../../../src/engine/events.ts';
import { cacheBytes } from '../../../src/engine/measure/bytes.ts';
import { recordBits, recordCodec } from '../../../src/engine/retrieval/record-codec.ts';
import { records } from '../../../src/engine/retrieval/records.ts';
import type { Sight } from '../../../src/engine/retrieval/types.ts';
import { seededPrompt } from '../../../src/engine/prompt.ts';
import { cacheOf, keysOf } from '../fate/caches.ts';
import { compare, engineOf } from '../harbour.ts';
import { laneOf } from '../lanes.ts';

const at = { layer: 0, layers: 1, kvHead: 0, headDim: 4 };

describe('a record', () => {
  // A key and a value of 32 numbers: 64 signs are 8 bytes and two scales 4; at b bits 8 b bytes, and two scales and zeros 8.
  test('has as many bits as its bytes allow', () => {
    expect([8, 12, 20, 24, 36, 40, 68, 72, 256].map((bytes) => recordBits(bytes, 32))).toEqual([
      1, 1, 1, 2, 2, 4, 4, 8, 8,
    ]);
  });

  // |3| + |-1| + |0| + |2| = 6, and a quarter of it.
  test('of signs gives back the mean size with each sign', () => {
    const encoded = recordCodec(1).encode(Float32Array.of(3, -1, 0, 2, -4, -4, -4, -4), 'keys', at);
    expect([...encoded.decode()]).toEqual([1.5, -1.5, 1.5, 1.5, -4, -4, -4, -4]);
    expect([encoded.bits, encoded.overhead, [...encoded.packed!()]]).toEqual([1, 4, [0b1101]]);
  });

  // From -1 to 2 in 2 bits: steps of 1.
  test('of more bits has a scale and a zero of its own', () => {
    const encoded = recordCodec(2).encode(Float32Array.of(-1, 2, 0.4, 0.6), 'keys', at);
    expect([...encoded.decode()]).toEqual([-1, 2, 0, 1]);
    expect([encoded.bits, encoded.overhead, [...encoded.packed!()]]).toEqual([2, 4, [0b10011100]]);
  });
});

// Eight tokens of which room is for four: two records to read, and a window of two. Keys are along channel 0, of sizes 1 to 8.
describe('eight tokens, six of them records', () => {
  const cacheWith = () =>
    cacheOf([
      {
        keys: [1, 2, 3, -4, 5, 6, 7, 8].map((x) => [x, x, x, x]),
        values: Array.from({ length: 8 }, () => [1, 1, 1, 1]),
      },
    ]).cache;
  const sight = { room: 4, prompt: 8 } as Sight;
  const filed = () => {
    const cache = cacheWith();
    const one = records.make({ top: 2, bytes: 8, span: 0 });
    one.arrange!(cache, sight);
    return { cache, one };
  };

  test('are written small and lie with the host; the window is exact', () => {
    const { cache } = filed();
    expect([...cache.near(0)!]).toEqual([6, 7]);
    expect(keysOf(cache).map(([x]) => x)).toEqual([1, 2, 3, -4, 5, 6, 7, 8]);
    // Six records of two sides, each of 4 bits and a scale of 2 bytes; two exact entries of 16 bytes.
    expect(cacheBytes(cache)).toMatchObject({ host: 6 * 2 * (0.5 + 2), live: 32 });
  });

  test('those that the query scores highest are read, chosen anew each time', () => {
    const { cache, one } = filed();
    const read = (x: number) => {
      expect(one.attend!(0, 0, Float32Array.of(x, 0, 0, 0), cache, 8)).toBeUndefined();
      return [...cache.near(0)!];
    };
    expect(read(1)).toEqual([4, 5, 6, 7]);
    expect(read(-1)).toEqual([0, 3, 6, 7]);
    expect(read(-1)).toEqual([0, 3, 6, 7]);
    // 5 bytes a record: two in; then two out and two in.
    expect(cache.moved).toEqual({ in: 4 * 5, out: 6 * 5 + 2 * 5 });
  });

  test('what was filed stays so: a later token lies near, and a copy goes on from there', () => {
    const { cache, one } = filed();
    cache.append();
    one.arrange!(cache, sight);
    expect([...cache.near(0)!]).toEqual([6, 7, 8]);
    one.fork().attend!(0, 0, Float32Array.of(1, 0, 0, 0), cache, 9);
    expect([...cache.near(0)!]).toEqual([4, 5, 6, 7, 8]);
  });

  test('with room for all, nothing is filed', () => {
    const cache = cacheWith();
    const one = records.make({ top: 2, bytes: 8, span: 0 });
    one.arrange!(cache, { ...sight, room: 8 });
    one.attend!(0, 0, Float32Array.of(1, 0, 0, 0), cache, 8);
    expect([cache.near(0), cacheBytes(cache).host]).toEqual([undefined, 0]);
  });

  // Six are records, so that the window begins at 6, and fetched keys stand at 4 and 5. Records are searched as if all stood at 5: a key (x, x, x, x) that is
  // turned by d scores x (cos d - sin d) with a query along channel 0. For x of 1, 2, 3, -4, 5, 6 and d of 5 to 0: 1.24, 0.21, -3.39, 5.30, -1.51, 6.
  test('with a span, what is read stands right before the window, in its order', () => {
    const cache = cacheWith();
    // The text is longer than the span, which has room for four.
    const one = records.make({ top: 2, bytes: 8, span: 4 });
    one.arrange!(cache, { ...sight, room: 8 });
    const turned: Event[] = [];
    cache.emit = (event) => event.type === 'rotate' && turned.push(event);
    one.attend!(0, 0, Float32Array.of(1, 0, 0, 0), cache, 8);
    expect([...cache.near(0)!]).toEqual([3, 5, 6, 7]);
    expect([3, 5, 6, 7].map((entry) => cache.positions(0)[entry])).toEqual([4, 5, 6, 7]);
    expect(turned).toEqual([{ type: 'rotate', layer: 0, turned: [Uint32Array.of(3, 4)] }]);
    const key = new Float32Array(4).fill(-4);
    cache.store.rope.rotate(key, 0, 1, 1);
    keysOf(cache)[3]!.forEach((x, c) => expect(x).toBeCloseTo(key[c]!, 5));
    // Asked for the same again, nothing turns; and the next token follows on as if nothing had been turned.
    one.attend!(0, 0, Float32Array.of(1, 0, 0, 0), cache, 8);
    expect(turned).toHaveLength(1);
    cache.append();
    expect([...cache.positions(0)].at(-1)).toBe(8);
  });

  test('a span bounds what is near, whatever the budget has room for', () => {
    const cache = cacheWith();
    records.make({ top: 2, bytes: 8, span: 3 }).arrange!(cache, { ...sight, room: 8 });
    expect([...cache.near(0)!]).toEqual([7]);
  });
});

// The model was trained on texts of at most 1,184 tokens with their questions. This one of 2,048 it answers wrongly with all that it holds.
describe('beyond the trained window', () => {
  const engine = engineOf();
  const prompt = seededPrompt(
    engine.model.vocabulary,
    4200000,
    { length: 2048, kinds: ['code'], density: 0.1 },
    0,
    'later',
  );
  const prepared = engine.prepare(prompt);
  afterAll(() => {
    engine.release(prepared);
  });

  test('positions that are given anew answer what neither the full cache nor records in their old places do', () => {
    const [full, kept, anew] = compare(engine, prepared, ['full', 'records', 'records(span=1024)'], 0.25);
    expect([full!.right, kept!.right, anew!.right]).toEqual([false, false, true]);
  });

  test('no pass spans more than was allowed, and what came behind the text', () => {
    const { lane, read } = laneOf(engine, prepared, 'records(span=256,top=8)', 0.25);
    for (const token of prompt.turns[0]!.tokens) read(token);
    const { cache } = lane;
    for (let head = 0; head < cache.store.heads; head++) {
      const near = [...cache.near(head)!].map((entry) => cache.positions(head)[entry]!);
      expect(near.every((position, i) => !i || position === near[i - 1]! + 1)).toBe(true);
      expect(near).toHaveLength(256 + cache.length - prompt.compressedAt);
    }
    lane.release();
  });
});
