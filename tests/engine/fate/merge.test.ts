import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { merge } from '../../../src/engine/fate/merge.ts';
import { compare, engineOf, shortPrompt } from '../harbour.ts';
import { cacheOf, unseen, keysOf, valuesOf, type Held } from './caches.ts';

/** Merges what is not kept, in one layer. @returns the values of all entries, before any leaves, and what was told */
function merged(heads: readonly Held[], kept: readonly (readonly number[])[], threshold = 0) {
  const { cache, events } = cacheOf(heads);
  merge.make({ threshold }).before!(
    cache,
    0,
    kept.map((entries) => Int32Array.from(entries)),
    unseen,
  );
  const pairs = events.flatMap((event) => (event.type === 'merge' ? [event.pairs.map((list) => [...list])] : []));
  return { cache, values: heads.map((_, head) => valuesOf(cache, head)), pairs };
}

const close = (rows: readonly (readonly number[])[], expected: readonly (readonly number[])[]) =>
  expected.forEach((row, i) => row.forEach((x, c) => expect(rows[i]![c]).toBeCloseTo(x, 5)));

describe('two entries stay', () => {
  // Entries 0 and 1 stay. Their values are 5 and 2 long.
  const stay: Held = {
    keys: [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ],
    values: [
      [3, 4, 0, 0],
      [0, 0, 2, 0],
    ],
  };
  const leaving = (...rows: (readonly [key: number[], value: number[]])[]): Held => ({
    keys: [...stay.keys, ...rows.map(([key]) => key)],
    values: [...stay.values, ...rows.map(([, value]) => value)],
  });
  const kept = [[0, 1]];

  // Its key points where that of 0 does, so the cosine is 1, and its value is as long: w = 1 * 5 / (5 + 5). (v0 + v / 2) / 1.5.
  test('one that leaves is folded into the one whose key is most like its own', () => {
    const { values, pairs } = merged(
      [
        leaving([
          [2, 0, 0, 0],
          [0, 0, 0, 5],
        ]),
      ],
      kept,
    );
    close(values[0]!, [[2, 4 / 1.5, 0, 2.5 / 1.5], stay.values[1]!]);
    expect(pairs).toEqual([[[2, 0]]]);
  });

  // cos(key, key 0) = 0.6 and cos(key, key 1) = 0.8; the values are 6 and 2 long: w = 0.8 * 6 / (6 + 2) = 0.6. (0 + 0.6 * 6) / 1.6 and 2 / 1.6.
  test('by as much as the keys are alike and the value is long', () => {
    const { values, pairs } = merged(
      [
        leaving([
          [3, 4, 0, 0],
          [6, 0, 0, 0],
        ]),
      ],
      kept,
    );
    close(values[0]!, [stay.values[0]!, [2.25, 0, 1.25, 0]]);
    expect(pairs).toEqual([[[2, 1]]]);
  });

  // w = 5 / 10 and 15 / 20: (v0 + 0.5 * (0, 0, 0, 5) + 0.75 * (0, 0, 0, 15)) / 2.25. Were the second weighed against the merged value, it would be another.
  test('of several, the weights are those before any merging', () => {
    const { values, pairs } = merged(
      [
        leaving(
          [
            [2, 0, 0, 0],
            [0, 0, 0, 5],
          ],
          [
            [5, 0, 0, 0],
            [0, 0, 0, 15],
          ],
        ),
      ],
      kept,
    );
    close(values[0]!, [[3 / 2.25, 4 / 2.25, 0, 13.75 / 2.25], stay.values[1]!]);
    expect(pairs).toEqual([[[2, 0, 3, 0]]]);
  });

  test('of equally near ones, into the older', () => {
    expect(
      merged(
        [
          leaving([
            [1, 1, 0, 0],
            [1, 0, 0, 0],
          ]),
        ],
        kept,
      ).pairs,
    ).toEqual([[[2, 0]]]);
  });

  test('one that points away from all is dropped, and so is one without a key or a value', () => {
    const away = leaving(
      [
        [-1, -1, 0, 0],
        [9, 9, 9, 9],
      ],
      [
        [0, 0, 0, 0],
        [9, 9, 9, 9],
      ],
      [
        [1, 0, 0, 0],
        [0, 0, 0, 0],
      ],
      [
        [0, 0, 1, 0],
        [9, 9, 9, 9],
      ],
    );
    const { values, pairs } = merged([away], kept);
    expect(values[0]).toEqual(away.values);
    expect(pairs).toEqual([]);
  });

  // A value of nothing on either side: 0 / 0 weighs nothing.
  test('nothing into nothing is nothing', () => {
    const nothing = {
      keys: [
        [1, 0, 0, 0],
        [1, 0, 0, 0],
      ],
      values: [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    };
    expect(merged([nothing], [[0]]).values[0]).toEqual(nothing.values);
  });

  // Cosines of 1, 0.8 and 0.707.
  test('below the threshold nothing is merged', () => {
    const some = leaving(
      [
        [2, 0, 0, 0],
        [0, 0, 0, 5],
      ],
      [
        [3, 4, 0, 0],
        [6, 0, 0, 0],
      ],
      [
        [1, 1, 0, 0],
        [1, 0, 0, 0],
      ],
    );
    const folded = (threshold: number) => merged([some], kept, threshold).pairs.flat(1);
    expect(folded(-1)).toEqual([[2, 0, 3, 1, 4, 0]]);
    expect(folded(0.75)).toEqual([[2, 0, 3, 1]]);
    expect(folded(0.85)).toEqual([[2, 0]]);
    expect(folded(1)).toEqual([[2, 0]]);
  });

  test('keys, and what leaves, stay as they are', () => {
    const some = leaving(
      [
        [2, 0, 0, 0],
        [0, 0, 0, 5],
      ],
      [
        [3, 4, 0, 0],
        [6, 0, 0, 0],
      ],
    );
    const { cache, values } = merged([some], kept);
    expect(keysOf(cache)).toEqual(some.keys);
    expect(values[0]!.slice(2)).toEqual(some.values.slice(2));
  });

  test('heads merge by themselves; one that keeps nothing merges nothing, and one that keeps all neither', () => {
    const some = leaving([
      [2, 0, 0, 0],
      [0, 0, 0, 5],
    ]);
    const { values, pairs } = merged([some, some, some], [[], [1], [0, 1, 2]]);
    expect(values[0]).toEqual(some.values);
    expect(values[1]).toEqual(some.values);
    expect(values[2]).toEqual(some.values);
    expect(pairs).toEqual([]);
    // Kept alone, 2 takes in 0, which points where it does: w = 5 / 10. 1 is at a right angle.
    const other = merged([some, some], [[2], [0, 1, 2]]);
    close(other.values[0]!, [some.values[0]!, some.values[1]!, [1.5 / 1.5, 2 / 1.5, 0, 5 / 1.5]]);
    expect(other.pairs).toEqual([[[0, 2], []]]);
  });
});

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, c) => sum + x * b[c]!, 0);
const norm = (a: readonly number[]) => Math.sqrt(dot(a, a));
const cosineOf = (a: readonly number[], b: readonly number[]) => dot(a, b) / (norm(a) * norm(b));

/** Whether rounding decides which key that stays is the nearest to some key. */
const undecided = (keys: Held['keys'], kept: readonly number[]) =>
  keys.some((key) => {
    const all = kept.map((t) => ({ t, likeness: cosineOf(key, keys[t]!) })).sort((a, b) => b.likeness - a.likeness);
    const [first, second] = all;
    return (
      second !== undefined && first!.likeness - second.likeness < 1e-9 && `${keys[first!.t]}` !== `${keys[second.t]}`
    );
  });

/** The formula, once more, the plainest way: vectors by vectors, in doubles. */
function plainly({ keys, values }: Held, kept: readonly number[], threshold: number): number[][] {
  const cosine = (a: number, b: number) => cosineOf(keys[a]!, keys[b]!);
  const sums = kept.map((t) => ({ t, total: 1, value: [...values[t]!] }));
  keys.forEach((_, e) => {
    if (kept.includes(e)) return;
    const into = sums.reduce((best, one) => (cosine(e, one.t) > cosine(e, best.t) ? one : best));
    const likeness = cosine(e, into.t);
    const w = (Math.max(likeness, 0) * norm(values[e]!)) / (norm(values[e]!) + norm(values[into.t]!));
    if (likeness < threshold) return;
    into.total += w;
    into.value = into.value.map((x, c) => x + w * values[e]![c]!);
  });
  return values.map((row, t) => {
    const one = sums.find((some) => some.t === t);
    return one ? one.value.map((x) => x / one.total) : [...row];
  });
}

test('for any keys and values, what the formula gives', () => {
  const row = fc
    .array(fc.integer({ min: -100, max: 100 }), { minLength: 4, maxLength: 4 })
    .map((xs) => xs.map((x, c) => (x || c + 1) / 32));
  const rows = fc.array(fc.tuple(row, row), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(rows, fc.nat(), fc.integer({ min: -20, max: 20 }), (all, seed, steps) => {
      const held = { keys: all.map(([key]) => key), values: all.map(([, value]) => value) };
      const kept = all.map((_, t) => t).filter((t) => (seed >> t) & 1);
      fc.pre(kept.length > 0 && !undecided(held.keys, kept));
      // Away from every cosine that can be: rounding would decide.
      const threshold = steps / 20 + 0.0123;
      const { values } = merged([held], [kept], threshold);
      const expected = plainly(held, kept, threshold);
      values[0]!.forEach((value, t) => value.forEach((x, c) => expect(x).toBeCloseTo(expected[t]![c]!, 4)));
    }),
    { numRuns: 300 },
  );
});

// With merging, values change, and so do the answers; what is held, and its bytes, do not.
test('on the model: the same tokens stay, and other values', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(8));
  const [dropped, folded] = compare(engine, prepared, ['snapkv(window=4)', 'snapkv(window=4)+merge'], 0.15);
  expect(folded!.kept).toEqual(dropped!.kept);
  expect(folded!.bytes).toEqual(dropped!.bytes);
  expect(folded!.kl).not.toBe(dropped!.kl);
});
