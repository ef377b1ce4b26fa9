import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTrace } from '../../../src/engine/paging/read-trace.ts';
import { replay, type Op } from '../../../src/engine/paging/trace.ts';

const statesOf = (json: unknown) => [...replay(readTrace(json))].map(({ state }) => state);
const trace = (ops: unknown, change: object = {}) => ({ block_size: 2, n_blocks: 4, ops, ...change });

// Blocks of two. a: [1 2][3] in blocks 0 and 1. b begins with the same block and takes 2 for its own rest. a ends: its block 1 goes to the tail, block 0
// is still b's. c needs four blocks, and only 3 and 1 are free.
test('the state after each operation, worked out by hand', () => {
  const states = statesOf(
    trace([
      { op: 'add', request: 'a', tokens: [1, 2, 3] },
      { op: 'add', request: 'b', tokens: [1, 2, 4] },
      { op: 'done', request: 'a' },
      { op: 'add', request: 'c', tokens: [7, 7, 7, 7, 7, 7, 7] },
      { op: 'append', request: 'b', tokens: [5, 6] },
    ]),
  );
  const [first, second] = [states[0]!.cached[0]!, states[4]!.cached[2]!];
  expect(states).toEqual([
    { result: 0, free_queue: [2, 3], ref: { 0: 1, 1: 1 }, tables: { a: [0, 1] }, cached: { 0: first }, evicted: [] },
    {
      result: 2,
      free_queue: [3],
      ref: { 0: 2, 1: 1, 2: 1 },
      tables: { a: [0, 1], b: [0, 2] },
      cached: { 0: first },
      evicted: [],
    },
    {
      result: null,
      free_queue: [3, 1],
      ref: { 0: 1, 2: 1 },
      tables: { b: [0, 2] },
      cached: { 0: first },
      evicted: [],
    },
    {
      result: null,
      free_queue: [3, 1],
      ref: { 0: 1, 2: 1 },
      tables: { b: [0, 2] },
      cached: { 0: first },
      evicted: [],
    },
    {
      result: 1,
      free_queue: [1],
      ref: { 0: 1, 2: 1, 3: 1 },
      tables: { b: [0, 2, 3] },
      cached: { 0: first, 2: second },
      evicted: [],
    },
  ]);
});

test('what is done with a refused request is refused too, until it is added anew', () => {
  const results = statesOf(
    trace([
      { op: 'add', request: 'a', tokens: [1, 1, 1, 1, 1, 1, 1, 1, 1] },
      { op: 'append', request: 'a', tokens: [1] },
      { op: 'fork', request: 'b', from: 'a' },
      { op: 'append', request: 'b', tokens: [1] },
      { op: 'done', request: 'b' },
      { op: 'add', request: 'a', tokens: [1] },
      { op: 'append', request: 'a', tokens: [2, 3] },
    ]),
  ).map(({ result }) => result);
  expect(results).toEqual([null, null, null, null, null, 0, 1]);
});

describe('a bad trace is refused in one sentence', () => {
  const add = { op: 'add', request: 'a', tokens: [1] };
  test.for([
    [null, 'the trace must be an object'],
    [[], 'the trace must be an object'],
    [{ n_blocks: 4 }, 'ops must be a list of operations'],
    [trace([], { block_size: 0 }), 'block_size must be a whole number from 1 to 64, not 0'],
    [trace([], { block_size: 65 }), 'block_size must be a whole number from 1 to 64, not 65'],
    [trace([], { n_blocks: 2.5 }), 'n_blocks must be a whole number from 1 to 1000000, not 2.5'],
    [{ ops: [] }, 'n_blocks must be a whole number from 1 to 1000000, not missing'],
    [trace([], { null_block_reserved: 'yes' }), 'null_block_reserved must be false or true, not "yes"'],
    [
      trace([], { freed_unhashed_blocks_go_to: 'head' }),
      'freed_unhashed_blocks_go_to must be tail or front, not "head"',
    ],
    [trace([{ op: 'remove', request: 'a' }]), 'ops[0].op must be add or append or fork or done, not "remove"'],
    [trace([{ op: 'add', request: 'a' }]), 'ops[0].tokens must be a list of whole numbers or words'],
    [trace([{ op: 'add', request: 'a', tokens: [1.5] }]), 'ops[0].tokens must be a list of whole numbers or words'],
    [trace([{ op: 'done' }]), 'ops[0].request must be a text, not missing'],
    [trace([add, { op: 'fork', request: 'b' }]), 'ops[1].from must be a text, not missing'],
    [trace([add, add]), 'ops[1]: request "a" is there already'],
    [trace([{ op: 'append', request: 'x', tokens: [1] }]), 'ops[0]: there is no request "x"'],
    [trace([add, { op: 'done', request: 'a' }, { op: 'done', request: 'a' }]), 'ops[2]: there is no request "a"'],
    [trace([{ op: 'fork', request: 'b', from: 'x' }]), 'ops[0]: there is no request "x"'],
    [trace([add, { op: 'fork', request: 'a', from: 'a' }]), 'ops[1]: request "a" is there already'],
  ] as const)('%j: %s', ([json, message]) => {
    expect(() => statesOf(json)).toThrow(message);
  });
});

/** Operations on requests that may or may not be there; those that make no sense are left out by `sensible`. */
const anyOp = fc.record({
  op: fc.constantFrom('add', 'append', 'fork', 'done'),
  request: fc.constantFrom('a', 'b', 'c', 'd'),
  from: fc.constantFrom('a', 'b', 'c', 'd'),
  tokens: fc.array(fc.nat(1), { maxLength: 12 }),
});

function sensible(ops: readonly { op: string; request: string; from: string; tokens: number[] }[]): Op[] {
  const named = new Set<string>();
  return ops.flatMap((op) => {
    const known = named.has(op.request);
    const good = op.op === 'add' ? !known : op.op === 'fork' ? !known && named.has(op.from) : known;
    if (!good) return [];
    if (op.op === 'done') named.delete(op.request);
    else named.add(op.request);
    return [op as Op];
  });
}

test('any trace: counts are owners, and no block is lost or owned twice', () => {
  const seen = { shared: 0, refused: 0, evicted: 0, copies: 0 };
  fc.assert(
    fc.property(
      fc.array(anyOp, { maxLength: 60 }).map(sensible),
      fc.constantFrom(1, 2, 3, 4),
      fc.boolean(),
      fc.constantFrom('tail', 'front'),
      (ops, block_size, null_block_reserved, freed_unhashed_blocks_go_to) => {
        const n_blocks = 7;
        const json = { block_size, n_blocks, null_block_reserved, freed_unhashed_blocks_go_to, ops };
        for (const { state, events } of replay(readTrace(json))) {
          const owners: Record<number, number> = {};
          for (const blocks of Object.values(state.tables)) {
            expect(new Set(blocks).size).toBe(blocks.length);
            for (const block of blocks) owners[block] = (owners[block] ?? 0) + 1;
          }
          expect(state.ref).toEqual(owners);
          const all = [...state.free_queue, ...Object.keys(owners).map(Number)].sort((a, b) => a - b);
          expect(all).toEqual(Array.from({ length: n_blocks }, (_, i) => i).slice(Number(null_block_reserved)));
          for (const block of state.evicted) expect(state.free_queue).not.toContain(block);
          seen.shared += Object.values(owners).filter((count) => count > 1).length;
          seen.evicted += state.evicted.length;
          seen.refused += events.filter(({ type }) => type === 'refuse').length;
          seen.copies += events.filter(({ type }) => type === 'copy').length;
        }
      },
    ),
    { numRuns: 3000, seed: 9 },
  );
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(20);
});
