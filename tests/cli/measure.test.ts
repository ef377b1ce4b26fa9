import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../src/cli/measure.ts'), ...args], { encoding: 'utf8' });

interface Row {
  readonly lane: string;
  readonly when: string;
  readonly bytes: number;
  readonly right: number;
  readonly n: number;
  readonly low: number;
  readonly high: number;
  readonly kinds: Record<string, { n: number }>;
  readonly kl: number;
  readonly kl_within: readonly [number, number];
  readonly damage: Record<string, number>;
}

test('the full cache does no damage, and q8_0 little, for 17 of 32 of its bytes', () => {
  const { stdout, stderr, status } = cli('--questions', '1', '--keep', '1', '--lane', 'full', '--lane', 'q8_0');
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const { lanes } = JSON.parse(stdout) as { lanes: Row[] };
  expect(lanes.map(({ lane, when }) => `${lane} ${when}`)).toEqual([
    'full visible',
    'q8_0 visible',
    'full later',
    'q8_0 later',
  ]);
  for (const { lane, bytes, right, n, low, high, kinds, kl, kl_within, damage } of lanes) {
    expect(Object.values(kinds).map((kind) => kind.n)).toEqual(new Array(n).fill(1));
    expect(low <= right / n && right / n <= high).toBe(true);
    expect(kl_within[0] <= kl && kl <= kl_within[1]).toBe(true);
    expect(bytes).toBeCloseTo(lane === 'full' ? 1 : 17 / 32, 3);
    if (lane === 'full') expect([kl, ...Object.values(damage)]).toEqual([0, 0, 0, 0, 0]);
    else for (const error of Object.values(damage)) expect(error > 0 && error < 0.1).toBe(true);
  }
}, 120_000);

test('what crossed a network is apart from what was held', () => {
  const { stdout } = cli(
    '--questions',
    '1',
    '--when',
    'later',
    '--keep',
    '0.25',
    '--lane',
    'cachegen',
    '--lane',
    'fp8',
  );
  const [cachegen, fp8] = (JSON.parse(stdout) as { lanes: (Row & { wire?: number })[] }).lanes;
  expect([cachegen!.bytes, fp8!.wire]).toEqual([1, undefined]);
  expect(cachegen!.wire! > 0.2 && cachegen!.wire! < 0.5).toBe(true);
}, 120_000);

test('quickly, answers alone are measured: at four budgets, for both moments, by kind', () => {
  const { stdout, stderr, status } = cli('--quick', '--questions', '1', '--lane', 'full', '--lane', 'inverted(snapkv)');
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const report = JSON.parse(stdout) as { questions: number; budgets: number[]; lanes: (Row & { keep: number })[] };
  expect(report).not.toHaveProperty('channels');
  expect(report.budgets).toEqual([0.5, 0.25, 0.125, 0.0625]);
  expect(report.lanes.map(({ when, keep, lane }) => `${when} ${keep} ${lane}`)).toEqual(
    ['visible', 'later'].flatMap((when) =>
      report.budgets.flatMap((keep) => ['full', 'inverted(snapkv)'].map((lane) => `${when} ${keep} ${lane}`)),
    ),
  );
  for (const row of report.lanes) {
    expect(row).not.toHaveProperty('damage');
    expect(Object.values(row.kinds).map((kind) => kind.n)).toEqual(new Array(6).fill(report.questions));
    // With the whole cache nothing is lost, and of a sixteenth that is chosen the wrong way round nearly all.
    if (row.lane === 'full') expect([row.kl, row.bytes]).toEqual([0, 1]);
    else if (row.keep < 0.1) expect(row.kl).toBeGreaterThan(1);
  }
}, 120_000);

test.each([
  [['--lane', 'kivvi'], 'There is no method "kivvi".'],
  [['--keep', '0'], '--keep is a list of numbers above 0 and up to 1'],
  [['--when', 'never'], '--when is visible or later, not "never".'],
  [['--questions', '0'], '--questions must be a whole number from 1 to 1000'],
])('%j is one line on stderr, and exit code 2', (args, message) => {
  const { stdout, stderr, status } = cli(...args);
  expect(stderr).toContain(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
});
