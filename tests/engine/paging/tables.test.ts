import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLane } from '../../../src/engine/lane-spec.ts';
import { blocksHeld, emptyShare, sharings } from '../../../src/engine/paging/tables.ts';
import { blockSize } from '../../../src/engine/paging/pool.ts';
import { countsOf } from '../../../src/engine/room.ts';
import { engineOf, shortPrompt } from '../harbour.ts';

// Blocks of 16 slots: the heads need 3 and 1, and 2 and 0.
const counts = [
  [33, 16],
  [17, 0],
];

test('in a shared table the longest head decides for the others', () => {
  expect(blocksHeld(counts, 'all', 16)).toEqual([
    [3, 3],
    [3, 3],
  ]);
  expect(blocksHeld(counts, 'layer', 16)).toEqual([
    [3, 3],
    [2, 2],
  ]);
  expect(blocksHeld(counts, 'head', 16)).toEqual([
    [3, 1],
    [2, 0],
  ]);
});

// 66 entries in 12, 10 and 6 blocks.
test('what is empty of them is a share of their slots', () => {
  const empty = sharings.map((sharing) => emptyShare(counts, blocksHeld(counts, sharing, 16), 16));
  [1 - 66 / 192, 1 - 66 / 160, 1 - 66 / 96].forEach((share, i) => expect(empty[i]).toBeCloseTo(share, 12));
  expect(emptyShare([[0]], [[0]], 16)).toBe(0);
});

test('the fewer heads share a table, the less is empty; entries always fit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(90), { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 4 }),
      (heads) => {
        const blocks = sharings.map((sharing) => blocksHeld(heads, sharing, 16));
        const empty = blocks.map((held) => emptyShare(heads, held, 16));
        expect(empty[0]! >= empty[1]! - 1e-12 && empty[1]! >= empty[2]! - 1e-12).toBe(true);
        for (const held of blocks)
          held.flat().forEach((n, i) => expect(16 * n).toBeGreaterThanOrEqual(heads.flat()[i]!));
      },
    ),
  );
});

describe('a lane that packs what it keeps', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(3, 'visible'));

  test.each([0.2, 0.5])('allocates the blocks of one table for all heads, at a budget of %f', (keep) => {
    const [run] = engine.compare(prepared, [parseLane('adakv(snapkv)+compact').spec], keep);
    const { layers, kvHeads, headDim } = engine.model.config;
    const heads = countsOf(run!.kept);
    const byLayer = Array.from({ length: layers }, (_, layer) => heads.slice(layer * kvHeads, (layer + 1) * kvHeads));
    const blocks = blocksHeld(byLayer, 'all', blockSize)
      .flat()
      .reduce((a, b) => a + b, 0);
    expect(run!.bytes.allocated).toBe(blocks * blockSize * headDim * 2 * 2);
  });
});
