/** Small frames, written down as one would draw them. */
import type { Frame } from '../../src/engine/timeline.ts';

/** @param held one row a head, # where it holds the position */
export function frameOf(held: readonly string[], changes: Partial<Frame> = {}): Frame {
  const rows = held.map((row) => [...row].map((cell) => Number(cell === '#')));
  return {
    read: held[0]!.length,
    held: Uint8Array.from(rows.flat()),
    counts: Int32Array.from(rows, (row) => row.reduce((a, b) => a + b, 0)),
    encodedKeys: new Int32Array(rows.length),
    encodedValues: new Int32Array(rows.length),
    blocks: new Uint8Array(Math.ceil(held[0]!.length / 16)).fill(1),
    answer: [],
    attention: undefined,
    phase: 'read',
    ...changes,
  };
}
