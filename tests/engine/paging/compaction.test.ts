import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compact, heldBlocks, inOrder, intoHoles, outOfOrder } from '../../../src/engine/paging/compaction.ts';

const slots = (...list: number[]) => Int32Array.from(list);

// Slots 0 2 3 7 9 are held: five entries, so slots 0 to 4 are needed, and 1 and 4 of them are holes.
describe('where entries go', () => {
  test('in order: all behind the first hole move', () => {
    expect(inOrder(slots(0, 2, 3, 7, 9))).toEqual(slots(0, 1, 2, 3, 4));
  });

  test('into holes: only those beyond the last slot needed move', () => {
    expect(intoHoles(slots(0, 2, 3, 7, 9))).toEqual(slots(0, 2, 3, 1, 4));
  });

  // Slots 0 to 4 then hold the entries 0 3 1 2 4: entries 1 and 2 lie behind entry 3, which comes later in the text.
  test('and which of them no longer lie in the order of the text', () => {
    expect(outOfOrder(slots(0, 2, 3, 1, 4))).toBe(2);
    expect(outOfOrder(inOrder(slots(0, 2, 3, 7, 9)))).toBe(0);
    expect(outOfOrder(slots())).toBe(0);
  });

  test('what is packed already stays, and nothing is no trouble', () => {
    for (const packing of [inOrder, intoHoles]) {
      expect(packing(slots(0, 1, 2))).toEqual(slots(0, 1, 2));
      expect(packing(slots())).toEqual(slots());
    }
  });
});

describe('what it costs, and what it brings', () => {
  // Blocks of four: slots 0 to 11 are three blocks, all of them held. In order four rows of the first head move and two of the second; into holes two and one.
  const heads = [slots(0, 2, 3, 7, 9), slots(1, 5)];

  test('rows, bytes and blocks', () => {
    const row = 64;
    expect(compact(heads, inOrder, 4, row)).toEqual({ rows: 6, bytes: 6 * 2 * 64, before: 3, after: 2, pinned: 3 });
    expect(compact(heads, intoHoles, 4, row)).toEqual({ rows: 3, bytes: 3 * 2 * 64, before: 3, after: 2, pinned: 3 });
  });

  test('a block returns only when it is empty in every head', () => {
    expect(heldBlocks([slots(0), slots(5)], 4)).toBe(2);
    expect(heldBlocks([slots(0), slots(3)], 4)).toBe(1);
    expect(heldBlocks([slots(), slots()], 4)).toBe(0);
  });
});

const anyHeads = fc.array(
  fc.uniqueArray(fc.nat(60), { maxLength: 40 }).map((list) => Int32Array.from(list.sort((a, b) => a - b))),
  { minLength: 1, maxLength: 5 },
);

test('any heads: both ways leave the same blocks, as few as can be, and filling holes never moves more', () => {
  let fewer = 0;
  fc.assert(
    fc.property(anyHeads, fc.constantFrom(1, 4, 16), (heads, blockSize) => {
      const [ordered, filled] = [inOrder, intoHoles].map((packing) => compact(heads, packing, blockSize, 1));
      const longest = Math.max(...heads.map(({ length }) => length));
      expect([ordered!.after, filled!.after]).toEqual([Math.ceil(longest / blockSize), Math.ceil(longest / blockSize)]);
      expect(filled!.rows).toBeLessThanOrEqual(ordered!.rows);
      fewer += Number(filled!.rows < ordered!.rows);
      for (const list of heads)
        for (const packing of [inOrder, intoHoles])
          expect([...packing(list)].sort((a, b) => a - b)).toEqual([...list.keys()]);
    }),
    { seed: 4 },
  );
  expect(fewer).toBeGreaterThan(20);
});
