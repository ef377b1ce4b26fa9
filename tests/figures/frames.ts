/** Small frames, written down as one would draw them. */
import type { Frame } from '../../src/engine/timeline.ts';

const bitsOf = (cell: string) => (cell === '#' ? 16 : cell === '.' ? 0 : Number(cell));

/**
 * @param keys one row a head: # where it holds the token at 16 bits, a digit where it holds its key at so many, else a point
 * @param changes what is not as usual: values are written as keys are, and every token lies in the slot of its place in the text
 */
export function frameOf(keys: readonly string[], changes: Partial<Frame> & { values?: readonly string[] } = {}): Frame {
  const { values = keys, ...rest } = changes;
  const cells = (rows: readonly string[]) => Uint8Array.from(rows.flatMap((row) => [...row].map(bitsOf)));
  const tokens = keys[0]!.length;
  const keyBits = cells(keys);
  return {
    read: tokens,
    keyBits,
    valueBits: cells(values),
    overhead: new Float64Array(keyBits.length),
    slot: Int16Array.from(keyBits, (bits, at) => (bits ? at % tokens : -1)),
    host: new Uint8Array(keyBits.length),
    beside: new Float64Array(keys.length),
    besideHost: new Float64Array(keys.length),
    moved: { in: 0, out: 0 },
    crossed: 0,
    carried: [],
    recall: undefined,
    missed: undefined,
    blocks: new Uint8Array(Math.ceil(tokens / 16)).fill(1),
    answer: [],
    attention: undefined,
    phase: 'read',
    ...rest,
  };
}
