import type { Frame } from '../engine/timeline.ts';
import { blockSize } from '../engine/paging/pool.ts';

/** Runs of one row of cells as SVG path data: rectangles of one unit's height, `gap` of which is left open below. */
function runs(row: Uint8Array, wanted: (cell: number) => boolean, y: number, gap: number): string {
  let path = '';
  for (let x = 0; x < row.length; x++) {
    if (!wanted(row[x]!)) continue;
    const from = x;
    while (x < row.length && wanted(row[x]!)) x++;
    path += `M${from} ${y}h${x - from}v${1 - gap}h${from - x}z`;
  }
  return path;
}

const held = (cell: number) => cell > 0;

/**
 * What each head holds, tokens across and heads down, in units of one token and one head.
 * @param heads the heads in view, top to bottom
 */
export const heldPath = (frame: Frame, positions: number, width: number, heads: readonly number[], gap = 0.2): string =>
  heads.map((head, y) => runs(frame.held.subarray(head * positions, head * positions + width), held, y, gap)).join('');

/** For each of five steps of attention, the cells that the answer looked at that much, in the same units. */
export function attendedPaths(frame: Frame, width: number, heads: readonly number[], gap = 0.2): string[] {
  const cells = frame.attention?.heads;
  if (!cells || !frame.counts.length) return [];
  const row = cells.length / frame.counts.length;
  const limits = [8, 24, 56, 112, 176, 256];
  return limits
    .slice(0, -1)
    .map((low, step) =>
      heads
        .map((head, y) =>
          runs(
            cells.subarray(head * row, head * row + Math.min(width, row)),
            (cell) => cell >= low && cell < limits[step + 1]!,
            y,
            gap,
          ),
        )
        .join(''),
    );
}

/** Tokens that each head holds of the first `length` positions. */
export const countsWithin = (frame: Frame, positions: number, length: number): number[] =>
  Array.from(frame.counts, (_, head) =>
    frame.held.subarray(head * positions, head * positions + length).reduce((a, b) => a + b, 0),
  );

export interface Block {
  readonly index: number;
  readonly allocated: boolean;
  /** Share of its slots, over all heads, that hold a token. */
  readonly fill: number;
}

/** The lane's blocks of 16 tokens in the order of the text, as far as it was read, up to `length` tokens. */
export function blocksOf(frame: Frame, positions: number, length: number): Block[] {
  const heads = frame.counts.length;
  return Array.from({ length: Math.ceil(Math.min(frame.read, length) / blockSize) }, (_, index) => {
    let count = 0;
    for (let head = 0; head < heads; head++) {
      for (let i = index * blockSize; i < Math.min(length, (index + 1) * blockSize); i++)
        count += frame.held[head * positions + i] ?? 0;
    }
    return { index, allocated: frame.blocks[index] === 1, fill: count / (heads * blockSize) };
  });
}
