import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FlipCell } from '../../src/engine/measure/diagnosis.ts';

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../src/cli/flips.ts'), ...args], { encoding: 'utf8' });

test('says of each way to write the cache what flips, and how far the model moves', () => {
  const { stdout, stderr, status } = cli('--texts', '1');
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const { texts, cells } = JSON.parse(stdout) as { texts: number; cells: FlipCell[] };
  expect([texts, cells.length]).toEqual([1, 31]);
  for (const { rule, fact, kl, within } of cells) {
    for (const { flipped, of, within: share } of [rule, fact]) {
      expect(flipped <= of && share[0] <= flipped / of && flipped / of <= share[1]).toBe(true);
    }
    expect(within[0] <= kl && kl <= within[1]).toBe(true);
  }
}, 120_000);

test('a wrong call is one line on stderr, and exit code 2', () => {
  const { stdout, stderr, status } = cli('--texts', 'many');
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  expect(stderr).toContain('--texts must be a whole number from 1 to 10000');
});
