import { expectedBlocks } from '../engine/measure/occupancy.ts';
import type { Config } from '../engine/model/config.ts';
import { blockSize } from '../engine/paging/pool.ts';
import type { CurvePoint } from '../state/curve.ts';

/** Bytes of the blocks that chance would leave of a text, as a share of the full cache, when `heads` heads choose apart. */
export const expectedShare = (keep: number, length: number, heads: number): number =>
  (expectedBlocks(length, keep * length, blockSize, heads) * blockSize) / length;

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [keep: number, share: number])[];
}

/** A lane's allocated bytes at each budget. */
export const lineOf = (name: string, points: readonly CurvePoint[]): Line => ({
  name,
  points: points.map(({ keep, allocated }) => [keep, allocated]),
});

/**
 * Moves labels apart that would lie on one another.
 * @param wanted heights, in any order @returns heights at least `gap` apart, and between the two ends if they fit there
 */
export function spread(wanted: readonly number[], gap: number, [top, bottom]: readonly [number, number]): number[] {
  const placed = wanted.slice();
  const order = [...wanted.keys()].sort((a, b) => wanted[a]! - wanted[b]!);
  let last = top - gap;
  for (const i of order) last = placed[i] = Math.max(wanted[i]!, last + gap);
  let next = bottom + gap;
  for (const i of order.toReversed()) next = placed[i] = Math.min(placed[i]!, next - gap);
  return placed;
}

/** Bytes that so many rows take to be read and written again, at 16 bits. */
export const movedBytes = (rows: number, { headDim }: Config): number => rows * 2 * headDim * 2 * 2;
