import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { State } from '../../src/engine/paging/trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'blocks-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../src/cli/blocks.ts'), ...args], { encoding: 'utf8' });

/** Tokens from, from + 1, ... */
const run = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

// The example of vLLM's design page, which tests/engine/paging/block-manager.test.ts walks through.
test('prints the pool after each operation', () => {
  const ops = [
    { op: 'add', request: '0', tokens: run(0, 15) },
    { op: 'append', request: '0', tokens: [15, 16] },
    { op: 'add', request: '1', tokens: [...run(0, 10), 90, 91, 92, 93] },
    { op: 'done', request: '0' },
    { op: 'done', request: '1' },
    { op: 'add', request: '2', tokens: [...run(0, 12), ...run(200, 17)] },
  ];
  const trace = { block_size: 4, n_blocks: 10, null_block_reserved: false, freed_unhashed_blocks_go_to: 'tail', ops };
  const { stdout, stderr, status } = cli('--trace', file('example.json', JSON.stringify(trace)));
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const { states } = JSON.parse(stdout) as { states: State[] };
  expect(states.map(({ result }) => result)).toEqual([0, 1, 8, null, null, 12]);
  expect(states[4]!.free_queue).toEqual([7, 8, 9, 4, 3, 2, 6, 5, 1, 0]);
  expect(states[5]).toMatchObject({
    free_queue: [6, 5],
    ref: { 0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 7: 1, 8: 1, 9: 1 },
    tables: { 2: [0, 1, 2, 7, 8, 9, 4, 3] },
    evicted: [3],
  });
  // Block 3 holds the last, partly filled block now, so it has no hash; 5 is still known for what request 1 left in it, 6 never was full.
  expect(Object.keys(states[5]!.cached).map(Number)).toEqual([0, 1, 2, 4, 5, 7, 8, 9]);
});

describe('whatever is wrong is one line, and the exit code is 2', () => {
  test.for([
    [[], 'usage'],
    [['--trace', join(folder, 'nowhere.json')], 'ENOENT'],
    [['--trace', file('broken.json', '{"ops": [')], 'JSON'],
    [['--trace', file('empty.json', '{}')], 'ops must be a list'],
    [['--trace', file('op.json', '{"n_blocks": 4, "ops": [{"op": "done", "request": "x"}]}')], 'no request "x"'],
    [['--pool', '4'], 'pool'],
  ] as const)('%j', ([args, words]) => {
    const { stdout, stderr, status } = cli(...args);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(/^blocks: [^\n]+\n$/);
    expect(stderr).toContain(words);
  });
});
