import { unpack, type Packed } from '../state/studies/compaction.ts';

/** A row of a head goes from one slot to another. */
export interface Copy {
  readonly head: number;
  readonly from: number;
  readonly to: number;
}

/** All copies of a compaction, in the order in which the lane made them. */
export const copiesOf = ({ moves }: Pick<Packed, 'moves'>): Copy[] =>
  moves.flatMap((text, head) => {
    const slots = unpack(text);
    return Array.from({ length: slots.length / 2 }, (_, i) => ({ head, from: slots[2 * i]!, to: slots[2 * i + 1]! }));
  });

/** Slots of a head that hold something: where they were from the start, and where a row has been copied to. */
export interface HeadSlots {
  readonly still: ReadonlySet<number>;
  readonly moved: ReadonlySet<number>;
}

/** @param held slots of each head before the first copy @param copies those that have been made */
export function slotsAfter(held: readonly (readonly number[])[], copies: readonly Copy[]): HeadSlots[] {
  const heads = held.map((slots) => ({ still: new Set(slots), moved: new Set<number>() }));
  for (const { head, from, to } of copies) {
    const { still, moved } = heads[head]!;
    if (!still.delete(from)) moved.delete(from);
    moved.add(to);
  }
  return heads;
}

/** Height at which a head's row begins: a row is one high, and layers stand a little apart. */
export const rowOf = (head: number, kvHeads: number) => head + 0.7 * Math.floor(head / kvHeads);

/** Slots of all heads as one path of small boxes. */
export const boxes = (heads: readonly ReadonlySet<number>[], kvHeads: number): string =>
  heads
    .flatMap((slots, head) =>
      Array.from(slots, (slot) => `M${slot + 0.1} ${(rowOf(head, kvHeads) + 0.12).toFixed(2)}h.8v.76h-.8z`),
    )
    .join('');
