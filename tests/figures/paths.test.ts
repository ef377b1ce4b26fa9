import { describe, expect, test } from 'vitest';
import { attendedPaths, fillPath, framePath, heldPath, lowest, slotPath, slotsOf } from '../../src/figures/paths.ts';
import { frameOf } from './frames.ts';

const frame = frameOf(['##.##', '.....', '#...#']);

describe('what is held, as rectangles', () => {
  test('one for each run of a row', () => {
    expect(heldPath(frame, 5, 5, [0, 1, 2], 0)).toBe('M0 0h2v1h-2zM3 0h2v1h-2zM0 2h1v1h-1zM4 2h1v1h-1z');
  });

  test('rows are the heads in view, from the top', () => {
    expect(heldPath(frame, 5, 5, [2], 0)).toBe('M0 0h1v1h-1zM4 0h1v1h-1z');
    expect(heldPath(frame, 5, 5, [2, 0], 0)).toBe('M0 0h1v1h-1zM4 0h1v1h-1zM0 1h2v1h-2zM3 1h2v1h-2z');
  });

  test('cut off at the width, with a gap below', () => {
    expect(heldPath(frame, 5, 4, [0], 0.25)).toBe('M0 0h2v0.75h-2zM3 0h1v0.75h-1z');
    expect(heldPath(frame, 5, 5, [1])).toBe('');
  });

  // 2 of 16 bits are an eighth of a row. A key of 2 bits and a value of 16 are 9 a number, 9/16 of it; with a quarter of the row left open below, all
  // stand a quarter higher, and are three quarters as high.
  test('on the foot of the row, as high as it has bits', () => {
    expect(heldPath(frameOf(['#2.8']), 4, 4, [0], 0)).toBe('M0 0h1v1h-1zM1 0.875h1v0.125h-1zM3 0.5h1v0.5h-1z');
    const values = frameOf(['28'], { values: ['##'] });
    expect(heldPath(values, 2, 2, [0], 0.25)).toBe('M0 0.328h1v0.422h-1zM1 0.188h1v0.563h-1z');
  });

  test('the fewest bits are those of a key or of a value', () => {
    const least = (keys: string, values: string) => lowest(frameOf([keys], { values: [values] }));
    expect([least('#.8', '#.#'), least('#8', '48'), least('##', '##'), least('..', '..')]).toEqual([8, 4, 16, 16]);
  });

  test('a sliver stays of what has hardly a bit', () => {
    expect(heldPath(frameOf(['1']), 1, 1, [0], 0)).toBe('M0 0.9h1v0.1h-1z');
  });
});

describe('what was looked at', () => {
  const heads = Uint8Array.of(7, 8, 23, 24, 55, 56, 111, 112, 175, 176, 255, 0);
  const looked = frameOf(['############'], { attention: { positions: [], weights: [], heads } });

  test('in five steps, of which the limits belong to the higher', () => {
    expect(attendedPaths(looked, 12, [0], 0)).toEqual([
      'M1 0h2v1h-2z',
      'M3 0h2v1h-2z',
      'M5 0h2v1h-2z',
      'M7 0h2v1h-2z',
      'M9 0h2v1h-2z',
    ]);
    expect(attendedPaths(looked, 4, [0], 0)).toEqual(['M1 0h2v1h-2z', 'M3 0h1v1h-1z', '', '', '']);
  });

  test('rows are as long as what had been read, whatever the frame has room for', () => {
    const two = frameOf(['####....', '####....'], {
      attention: { positions: [], weights: [], heads: Uint8Array.of(0, 255, 0, 255, 255, 0) },
    });
    expect(attendedPaths(two, 8, [0, 1], 0)).toEqual(['', '', '', '', 'M1 0h1v1h-1zM0 1h2v1h-2z']);
    expect(attendedPaths(two, 8, [1], 0)[4]).toBe('M0 0h2v1h-2z');
  });

  test('nothing, where nothing was said yet or the single heads were left out', () => {
    expect(attendedPaths(frame, 5, [0])).toEqual([]);
    expect(attendedPaths(frameOf(['##'], { attention: { positions: [0], weights: [1] } }), 2, [0])).toEqual([]);
  });
});

describe('slots of blocks of 16', () => {
  /** Two heads, 20 tokens read of 40; the second block is free. */
  const rows = ['#'.repeat(20).padEnd(40, '.'), '#'.repeat(8).padEnd(40, '.')];
  const two = frameOf(rows, { read: 20, blocks: Uint8Array.of(1, 0, 0) });
  const taken = (one: ReturnType<typeof slotsOf>) =>
    Array.from({ length: one.taken.length / (one.blocks * 16) }, (_, head) =>
      [...one.taken.subarray(head * one.blocks * 16, (head + 1) * one.blocks * 16)]
        .map((bits) => Number(bits > 0))
        .join(''),
    );

  test('as far as was read', () => {
    const slots = slotsOf(two, 40, 40);
    expect([slots.blocks, [...slots.allocated]]).toEqual([2, [1, 0]]);
    expect(taken(slots)).toEqual(['1'.repeat(20).padEnd(32, '0'), '1'.repeat(8).padEnd(32, '0')]);
  });

  test('tokens after the length asked for do not count', () => {
    expect(taken(slotsOf(two, 40, 18))).toEqual(['1'.repeat(18).padEnd(32, '0'), '1'.repeat(8).padEnd(32, '0')]);
    expect(slotsOf(two, 40, 16).blocks).toBe(1);
    expect(slotsOf({ ...two, read: 0 }, 40, 40)).toMatchObject({ blocks: 0, taken: new Uint8Array(0) });
  });

  // A compacted lane has tokens in other slots than their place in the text: what is drawn is where they lie.
  test('are where tokens lie, not where they stand in the text', () => {
    const slot = new Int16Array(80).fill(-1);
    slot.set([5, 0, 1, 31], 0);
    slot[17] = 2;
    const moved = frameOf(['#'.repeat(40), '.'.repeat(40)], { slot, blocks: Uint8Array.of(1, 1, 0) });
    expect(taken(slotsOf(moved, 40, 40))).toEqual([
      '1110010000000000'.padEnd(31, '0') + '1'.padEnd(17, '0'),
      '0'.repeat(48),
    ]);
    // A slot behind the blocks that are drawn is left out, and is not another head's.
    expect(taken(slotsOf({ ...moved, read: 16 }, 40, 40))).toEqual(['1100010000000000', '0'.repeat(16)]);
  });
});

describe('the picture of blocks', () => {
  /** Five blocks, two heads: full, empty, half full, free, one token in the second head. */
  const row = (cells: Record<number, string>) => {
    const text = [...'.'.repeat(80)];
    for (const [from, run] of Object.entries(cells)) text.splice(Number(from), run.length, ...run);
    return text.join('');
  };
  const all = '#'.repeat(16);
  const frame = frameOf([row({ 0: all, 32: '####' }), row({ 0: all, 33: '####..######', 79: '#' })], {
    blocks: Uint8Array.of(1, 1, 1, 0, 1),
  });
  const slots = slotsOf(frame, 80, 80);
  /** Two blocks in a row, each 20 wide and 10 high. */
  const grid = { across: 2, width: 20, height: 10 };

  test('frames stand around the blocks that are there, and around those that are not', () => {
    expect(framePath(slots, grid, true, [-1, -1, 18, 4])).toBe(
      'M-1 -1h18v4h-18zM19 -1h18v4h-18zM-1 9h18v4h-18zM-1 19h18v4h-18z',
    );
    expect(framePath(slots, grid, false, [-1, -1, 18, 4])).toBe('M19 9h18v4h-18z');
  });

  test('slots are runs across, heads down, block by block', () => {
    expect(slotPath(slots, 2, grid, 0)).toBe(
      [
        'M0 0h16v1h-16zM0 1h16v1h-16z', // full
        'M0 10h4v1h-4z', // the third block begins the second row
        'M1 11h4v1h-4zM7 11h6v1h-6z',
        'M15 21h1v1h-1z', // the fifth
      ].join(''),
    );
    expect(slotPath(slots, 2, grid, 0.25)).toContain('M0 0h16v0.75h-16z');
  });

  test('what still lies in a block that went back is not drawn', () => {
    const freed = slotsOf({ ...frame, blocks: Uint8Array.of(0, 1, 1, 0, 0) }, 80, 80);
    expect(slotPath(freed, 2, grid, 0)).toBe('M0 10h4v1h-4zM1 11h4v1h-4zM7 11h6v1h-6z');
    expect(fillPath(freed, 2, grid, 16, 3)).toBe('M0 10h7v3h-7z');
  });

  // Sixteen tokens at 4 bits in one head of two: half of 8 units long, and a quarter of 4 high, on the foot.
  test('what has fewer bits is lower, in slots and in bars', () => {
    const small = slotsOf(frameOf(['4'.repeat(16), '.'.repeat(16)]), 16, 16);
    const one = { across: 1, width: 20, height: 10 };
    expect(slotPath(small, 2, one, 0)).toBe('M0 0.75h16v0.25h-16z');
    expect(fillPath(small, 2, one, 8, 4)).toBe('M0 3h4v1h-4z');
  });

  test('bars are as long as blocks are full, over all heads', () => {
    // 32, 0, 14 and 1 of 32 slots, as shares of 16.
    expect(fillPath(slots, 2, grid, 16, 3)).toBe('M0 0h16v3h-16zM0 10h7v3h-7zM0 20h0.5v3h-0.5z');
    expect(fillPath(slots, 2, grid, 1, 3)).toContain('h0.438v3h-0.438z');
  });
});
