import { describe, expect, test } from 'vitest';
import { inOrder, intoHoles } from '../../../src/engine/paging/compaction.ts';
import { copiesOf, slotsAfter } from '../../../src/figures/compaction.ts';
import * as study from '../../../src/state/studies/compaction.ts';
import { compactionView, policies, shares, unpack, ways } from '../../../src/state/studies/compaction.ts';
import { studyLink } from '../../../src/state/study.ts';
import { engineOf } from '../../engine/harbour.ts';

const engine = engineOf();
const found = (change: Partial<study.CompactionView>) =>
  [...study.run(engine, { ...compactionView, ...change })].at(-1)!;

test('its link names all that decides the picture', () => {
  expect(studyLink(study).write(compactionView)).toBe('v=1&seed=7&policy=knorm&keep=25&counts=equal&tick=180');
});

describe.each(policies)('%s', (policy) => {
  const { held, packed } = found({ policy });

  test('the copies that the lane made take what was held to where the packing puts it, and are as many as was counted', () => {
    for (const share of shares) {
      const heads = held[share].map(unpack);
      for (const way of ways) {
        const copies = copiesOf(packed[share][way]);
        expect(copies).toHaveLength(packed[share][way].rows);
        const packing = way === 'order' ? inOrder : intoHoles;
        slotsAfter(heads, copies).forEach(({ still, moved }, head) => {
          expect([...still, ...moved].sort((a, b) => a - b)).toEqual(
            [...packing(Int32Array.from(heads[head]!))].sort((a, b) => a - b),
          );
        });
      }
    }
  });

  test('equal counts pin nothing, and keep no more blocks than unequal ones', () => {
    expect(packed.equal.order.pinned).toBe(0);
    // A quarter of 128 tokens, which is two blocks.
    expect(packed.equal.order.after).toBe(2);
    expect(packed.adakv.order.after).toBeGreaterThanOrEqual(2);
    expect(held.adakv.join(' ').split(' ')).toHaveLength(held.equal.join(' ').split(' ').length);
  });
});

test('bytes are those of a key and a value of 32 numbers in two bytes each, read and written', () => {
  const { rows, bytes } = found({}).packed.equal.holes;
  expect(bytes).toBe(rows * 2 * 32 * 2 * 2);
});

test('with nearly all kept, little comes back', () => {
  const { packed } = found({ keep: 90 });
  // 115 of 128 entries: eight blocks, as 7 * 16 = 112.
  expect(packed.equal.order).toMatchObject({ before: 8, after: 8 });
});
