import type { Frame } from '../engine/timeline.ts';
import { blockSize } from '../engine/paging/pool.ts';

/** Runs of one row of cells as SVG path data: rectangles of one unit's height, `gap` of which is left open below. */
function runs(row: Uint8Array, wanted: (cell: number) => boolean, y: number, gap: number, x0 = 0): string {
  let path = '';
  for (let x = 0; x < row.length; x++) {
    if (!wanted(row[x]!)) continue;
    const from = x;
    while (x < row.length && wanted(row[x]!)) x++;
    path += `M${x0 + from} ${y}h${x - from}v${1 - gap}h${from - x}z`;
  }
  return path;
}

const held = (cell: number) => cell > 0;

/**
 * What each head holds, tokens across and heads down, in units of one token and one head.
 * @param tokens of a row of the frame @param width tokens that are drawn @param heads the heads in view, top to bottom
 */
export const heldPath = (
  { keyBits }: Pick<Frame, 'keyBits'>,
  tokens: number,
  width: number,
  heads: readonly number[],
  gap = 0.2,
): string =>
  heads.map((head, y) => runs(keyBits.subarray(head * tokens, head * tokens + width), held, y, gap)).join('');

/** For each of five steps of attention, the cells that the answer looked at that much, in the same units. */
export function attendedPaths(frame: Frame, width: number, heads: readonly number[], gap = 0.2): string[] {
  const cells = frame.attention?.heads;
  if (!cells || !frame.beside.length) return [];
  const row = cells.length / frame.beside.length;
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

/** The physical side of a lane: for each head and slot of its blocks, whether a token of the prompt lies there. */
export interface Slots {
  readonly blocks: number;
  /** [heads, blocks * 16] */
  readonly taken: Uint8Array;
  /** [blocks] */
  readonly allocated: Uint8Array;
}

/** @param tokens of a row of the frame @param length tokens of the prompt: blocks are drawn for so many */
export function slotsOf({ slot, blocks, beside, read }: Frame, tokens: number, length: number): Slots {
  const count = Math.ceil(Math.min(read, length) / blockSize);
  const width = count * blockSize;
  const taken = new Uint8Array(beside.length * width);
  for (let head = 0; head < beside.length; head++) {
    for (let token = 0; token < Math.min(read, length); token++) {
      const at = slot[head * tokens + token]!;
      if (at >= 0 && at < width) taken[head * width + at] = 1;
    }
  }
  return { blocks: count, taken, allocated: blocks.subarray(0, count) };
}

/** Where a block stands: `across` blocks in a row, each with its place in units. */
export interface Grid {
  readonly across: number;
  readonly width: number;
  readonly height: number;
}

const place = (index: number, { across, width, height }: Grid) => ({
  x: (index % across) * width,
  y: Math.floor(index / across) * height,
});

/** Frames around the blocks that are allocated, or around those that are not. */
export function framePath(
  { blocks, allocated }: Slots,
  grid: Grid,
  wanted: boolean,
  [x0, y0, w, h]: readonly number[],
): string {
  let path = '';
  for (let index = 0; index < blocks; index++) {
    if (Boolean(allocated[index]) !== wanted) continue;
    const { x, y } = place(index, grid);
    path += `M${x + x0!} ${y + y0!}h${w!}v${h!}h${-w!}z`;
  }
  return path;
}

/** The slots of every allocated block that hold a token, heads down: one path for the whole lane. */
export function slotPath({ blocks, taken, allocated }: Slots, heads: number, grid: Grid, gap = 0.12): string {
  let path = '';
  for (let index = 0; index < blocks; index++) {
    if (!allocated[index]) continue;
    const { x, y } = place(index, grid);
    for (let head = 0; head < heads; head++) {
      const from = (head * blocks + index) * blockSize;
      path += runs(taken.subarray(from, from + blockSize), held, y + head, gap, x);
    }
  }
  return path;
}

/** How full each allocated block is, over all heads, as a bar of that share of `width`. */
export function fillPath(
  { blocks, taken, allocated }: Slots,
  heads: number,
  grid: Grid,
  width: number,
  height: number,
): string {
  let path = '';
  for (let index = 0; index < blocks; index++) {
    if (!allocated[index]) continue;
    let count = 0;
    for (let head = 0; head < heads; head++) {
      for (let i = 0; i < blockSize; i++) count += taken[(head * blocks + index) * blockSize + i]!;
    }
    const { x, y } = place(index, grid);
    const share = Math.round((1000 * width * count) / (heads * blockSize)) / 1000;
    if (share) path += `M${x} ${y}h${share}v${height}h${-share}z`;
  }
  return path;
}
