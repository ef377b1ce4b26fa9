import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lanes, lengths, type Row } from '../../src/state/studies/pays.ts';

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../src/cli/pays.ts'), ...args], { encoding: 'utf8' });

test('says of each length what lanes answer, and what they have near, with the host and on the way', () => {
  const { stdout, stderr, status } = cli('--texts', '1', '--pool', '32');
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const { view, rows } = JSON.parse(stdout) as { view: object; rows: Row[] };
  expect(view).toEqual({ seed: 4_300_000, texts: 1, pool: 32 });
  expect(rows.map(({ length }) => length)).toEqual([...lengths]);
  for (const row of rows) expect(row.lanes.map(({ lane }) => lane)).toEqual([...lanes]);
}, 120_000);

test('a wrong call is one line on stderr, and exit code 2', () => {
  const { stdout, stderr, status } = cli('--pool', '8');
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  expect(stderr).toContain('--pool must be a whole number from 16 to 512');
});
