import { fullBits } from '../engine/cache/columns.ts';
import type { Frame } from '../engine/timeline.ts';
import { blockSize } from '../engine/paging/pool.ts';

/**
 * Runs of equally high cells of one row as SVG path data: rectangles that stand on the foot of a row one unit high, `gap` of which is left open below.
 * Plain loops and a table here and below: a frame that is scrubbed to has thousands of entries in each of some lanes.
 * @param heights by cell: how much of a row's height it has, from 0, where nothing is drawn, to 1
 */
function runs(row: Uint8Array, heights: ArrayLike<number>, y: number, gap: number, x0 = 0): string {
  let [path, last, top, tall] = ['', 0, '', ''];
  for (let from = 0, to = 0; from < row.length; from = to) {
    const height = heights[row[from]!]!;
    while (to < row.length && heights[row[to]!] === height) to++;
    if (!height) continue;
    if (height !== last) [last, top, tall] = [height, ...upright(height, y, gap)];
    path += `M${x0 + from} ${top}h${to - from}v${tall}h${from - to}z`;
  }
  return path;
}

/** Where a rectangle begins, and how tall it is. */
const upright = (height: number, y: number, gap: number) =>
  [String(round(y + (1 - gap) * (1 - height))), String(round((1 - gap) * height))] as const;

const round = (x: number) => Math.round(1000 * x) / 1000;

/** Cells are as high as a number of theirs has bits: as much of a row as it takes of a full cache's. A sliver stays of the smallest. */
const bitsHigh = (bits: number) => bits && Math.max(0.1, bits / fullBits);
const bitHeights = Float64Array.from({ length: fullBits + 1 }, (_, bits) => bitsHigh(bits));

/** Bits of a number of an entry, key and value alike; 0 where nothing is held. */
function bitsAt({ keyBits, valueBits }: Pick<Frame, 'keyBits' | 'valueBits'>, at: number): number {
  const bits = keyBits[at];
  return bits ? Math.max(1, (bits + valueBits[at]!) / 2) : 0;
}

/** Bits of the key or value that has fewest, of all that is held; those of a full cache where nothing is. */
export function lowest({ keyBits, valueBits }: Pick<Frame, 'keyBits' | 'valueBits'>): number {
  let least: number = fullBits;
  for (let at = 0; at < keyBits.length; at++) {
    const [keys, values] = [keyBits[at]!, valueBits[at]!];
    if (keys && keys < least) least = keys;
    if (keys && values < least) least = values;
  }
  return least;
}

/**
 * What each head holds, tokens across and heads down, in units of one token and one head; the fewer bits, the lower.
 * @param tokens of a row of the frame @param width tokens that are drawn @param heads the heads in view, top to bottom
 */
export function heldPath(
  frame: Pick<Frame, 'keyBits' | 'valueBits'>,
  tokens: number,
  width: number,
  heads: readonly number[],
  gap = 0.2,
): string {
  const row = new Uint8Array(width);
  let path = '';
  heads.forEach((head, y) => {
    for (let i = 0; i < width; i++) row[i] = bitsAt(frame, head * tokens + i);
    path += runs(row, bitHeights, y, gap);
  });
  return path;
}

/** For each of five steps of attention, the cells that the answer looked at that much, in the same units. */
export function attendedPaths(frame: Frame, width: number, heads: readonly number[], gap = 0.2): string[] {
  const cells = frame.attention?.heads;
  if (!cells || !frame.beside.length) return [];
  const row = cells.length / frame.beside.length;
  const limits = [8, 24, 56, 112, 176, 256];
  return limits.slice(0, -1).map((low, step) => {
    const heights = Uint8Array.from({ length: 256 }, (_, cell) => Number(cell >= low && cell < limits[step + 1]!));
    const shown = (head: number) => cells.subarray(head * row, head * row + Math.min(width, row));
    return heads.map((head, y) => runs(shown(head), heights, y, gap)).join('');
  });
}

/** The physical side of a lane: for each head and slot of its blocks, whether a token of the prompt lies there, and in how many bits. */
export interface Slots {
  readonly blocks: number;
  /** [heads, blocks * 16] bits of a number, 0 where a slot is empty */
  readonly taken: Uint8Array;
  /** [blocks] */
  readonly allocated: Uint8Array;
}

/** @param tokens of a row of the frame @param length tokens of the prompt: blocks are drawn for so many */
export function slotsOf(frame: Frame, tokens: number, length: number): Slots {
  const { slot, blocks, beside, read } = frame;
  const count = Math.ceil(Math.min(read, length) / blockSize);
  const width = count * blockSize;
  const taken = new Uint8Array(beside.length * width);
  for (let head = 0; head < beside.length; head++) {
    for (let token = 0; token < Math.min(read, length); token++) {
      const at = slot[head * tokens + token]!;
      if (at >= 0 && at < width) taken[head * width + at] = bitsAt(frame, head * tokens + token);
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
      path += runs(taken.subarray(from, from + blockSize), bitHeights, y + head, gap, x);
    }
  }
  return path;
}

/** How full each allocated block is, over all heads, as a bar: as long as the share of slots that hold something, and as high as that has bits. */
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
    let [count, bits] = [0, 0];
    for (let head = 0; head < heads; head++) {
      for (let i = 0; i < blockSize; i++) {
        const own = taken[(head * blocks + index) * blockSize + i]!;
        count += Number(own > 0);
        bits += own;
      }
    }
    const { x, y } = place(index, grid);
    const long = round((width * count) / (heads * blockSize));
    const high = height * bitsHigh(count && bits / count);
    if (long) path += `M${x} ${round(y + height - high)}h${long}v${round(high)}h${-long}z`;
  }
  return path;
}
