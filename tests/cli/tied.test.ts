import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Tied } from '../../src/components/tied.ts';

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../src/cli/tied.ts'), ...args], { encoding: 'utf8' });

test('says of each head what its keys explain, and what it does to answers', () => {
  const { stdout, stderr, status } = cli('--texts', '3', '--questions', '1');
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const { texts, asked, before_rope, cached } = JSON.parse(stdout) as Tied;
  expect([texts, asked]).toEqual([3, 6]);
  for (const { explained, kl, kl_within, kl_alone } of [before_rope, cached]) {
    expect(explained.map(({ length }) => length)).toEqual([4, 4, 4, 4]);
    for (const share of explained.flat()) expect(share).toBeLessThan(1);
    expect(kl_within[0] <= kl && kl <= kl_within[1]).toBe(true);
    for (const alone of kl_alone.flat()) expect(alone).toBeLessThan(kl);
  }
}, 120_000);

test('a wrong call is one line on stderr, and exit code 2', () => {
  const { stdout, stderr, status } = cli('--texts', '0');
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  expect(stderr).toContain('--texts must be a whole number from 1 to 1000');
});
