import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/engine/model/safetensors.ts';
import { tensorOf, type Nested } from '../engine/eviction/layers.ts';

const folder = mkdtempSync(join(tmpdir(), 'policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

function trace(name: string, tensors: Record<string, Nested>, metadata: Record<string, string> = {}): string {
  const path = join(folder, `${name}.safetensors`);
  writeFileSync(
    path,
    writeSafetensors(new Map(Object.entries(tensors).map(([key, nested]) => [key, tensorOf(nested)])), metadata),
  );
  return path;
}

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../src/cli/policy.ts'), ...args], { encoding: 'utf8' });

const score = (path: string, policy: string, ratio: string, ...sets: string[]) =>
  cli('--trace', path, '--policy', policy, '--ratio', ratio, ...sets.flatMap((set) => ['--set', set]));

// The lengths are 5, 1, 10, 0 and 0, 13, 2, 1.
const keys = trace('keys', {
  keys: [
    [
      [3, 4],
      [0, -1],
      [6, 8],
      [0, 0],
    ],
    [
      [0, 0],
      [5, 12],
      [2, 0],
      [0, 1],
    ],
  ],
});

// Column sums 1.7, 0.8, 0.5 and 1.2, 1.0, 0.8 (see h2o.test.ts).
const attentions = [
  [
    [1, 0, 0],
    [0.5, 0.5, 0],
    [0.2, 0.3, 0.5],
  ],
  [
    [1, 0, 0],
    [0.1, 0.9, 0],
    [0.1, 0.1, 0.8],
  ],
];

describe('prints one JSON object', () => {
  test('with the scores and what each head keeps', () => {
    const { stdout, stderr, status } = score(keys, 'knorm', '0.5');
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const scores = [
      [-5, -1, -10, 0],
      [0, -13, -2, -1],
    ];
    expect(JSON.parse(stdout)).toEqual({
      policy: 'knorm',
      ratio: 0.5,
      n_kept: 2,
      scores,
      kept: [
        [1, 3],
        [0, 3],
      ],
    });
  });

  test('the ratio is what is removed, and the rest is cut off', () => {
    expect(JSON.parse(score(keys, 'knorm', '0.3').stdout)).toMatchObject({ n_kept: 2 });
    expect(JSON.parse(score(keys, 'knorm', '1').stdout)).toMatchObject({ n_kept: 0, kept: [[], []] });
    expect(JSON.parse(score(keys, 'full', '0').stdout)).toMatchObject({
      n_kept: 4,
      kept: [
        [0, 1, 2, 3],
        [0, 1, 2, 3],
      ],
    });
  });

  test('settings are passed on', () => {
    const path = trace('attentions', { attentions }, { kv_heads: '1' });
    expect(JSON.parse(score(path, 'h2o', '0.3').stdout)).toMatchObject({ kept: [[0, 2]] });
    expect(JSON.parse(score(path, 'h2o', '0.3', 'average=false').stdout)).toMatchObject({ kept: [[0, 1]] });
    expect(JSON.parse(score(path, 'h2o', '0.3', 'average=false', 'recent=1').stdout)).toMatchObject({ kept: [[1, 2]] });
  });

  test('attentions alone: one KV head for each head', () => {
    expect(JSON.parse(score(trace('own', { attentions }), 'h2o', '0.6').stdout)).toMatchObject({
      n_kept: 1,
      kept: [[0], [2]],
    });
  });

  test('a score that is not a number is null and goes first', () => {
    const path = trace('nan', { keys: [[[NaN], [9], [Infinity], [1]]] });
    expect(JSON.parse(score(path, 'knorm', '0.5').stdout)).toMatchObject({
      scores: [[null, -9, null, -1]],
      kept: [[1, 3]],
    });
  });

  test('the same call prints the same, chance included', () => {
    expect(score(keys, 'random', '0.5', 'seed=3').stdout).toBe(score(keys, 'random', '0.5', 'seed=3').stdout);
    expect(score(keys, 'random', '0.5', 'seed=3').stdout).not.toBe(score(keys, 'random', '0.5', 'seed=4').stdout);
  });
});

describe('refuses in one line, with exit code 2', () => {
  const broken = join(folder, 'broken.safetensors');
  writeFileSync(broken, 'not a trace');
  const uneven = trace('uneven', { keys: [[[1], [2]]], values: [[[1], [2], [3]]] });
  const groups = trace('groups', {
    keys: [
      [[1], [2]],
      [[1], [2]],
    ],
    queries: [[[1]], [[1]], [[1]]],
  });

  test.each([
    ['no arguments', [], 'usage: policy --trace'],
    ['no ratio', ['--trace', keys, '--policy', 'knorm'], 'usage: policy --trace'],
    ['an unknown option', ['--trace', keys, '--ratoi', '1'], "Unknown option '--ratoi'"],
    ['a stray argument', ['knorm'], "Unexpected argument 'knorm'"],
    [
      'a ratio that looks like an option',
      ['--trace', keys, '--policy', 'knorm', '--ratio', '-1'],
      "'--ratio' argument is ambiguous",
    ],
    [
      'a negative ratio',
      ['--trace', keys, '--policy', 'knorm', '--ratio=-1'],
      '--ratio must be a number from 0 to 1, not "-1"',
    ],
    ['a ratio in per cent', ['--trace', keys, '--policy', 'knorm', '--ratio', '50'], 'not "50"'],
    ['an empty ratio', ['--trace', keys, '--policy', 'knorm', '--ratio='], 'not ""'],
    [
      'an unknown policy',
      ['--trace', keys, '--policy', 'toString', '--ratio', '1'],
      'there is no policy "toString"; there is full, h2o, knorm',
    ],
    [
      'an unknown setting',
      ['--trace', keys, '--policy', 'random', '--ratio', '1', '--set', 'sed=1'],
      'random: Unknown setting "sed"; the settings are seed.',
    ],
    [
      'a setting out of range',
      ['--trace', keys, '--policy', 'snapkv', '--ratio', '1', '--set', 'window=0', '--set', 'kernel=4'],
      'snapkv: Setting "window" must be a number from 1 to 256',
    ],
    [
      'half a setting',
      ['--trace', keys, '--policy', 'random', '--ratio', '1', '--set', 'seed'],
      '--set needs key=value, not "seed"',
    ],
    ['a missing file', ['--trace', join(folder, 'none'), '--policy', 'knorm', '--ratio', '1'], 'no such file'],
    ['a folder', ['--trace', folder, '--policy', 'knorm', '--ratio', '1'], 'EISDIR'],
    [
      'a broken file',
      ['--trace', broken, '--policy', 'knorm', '--ratio', '1'],
      'Not a safetensors file that can be read: its header of',
    ],
    [
      'missing tensors',
      ['--trace', keys, '--policy', 'snapkv', '--ratio', '1'],
      'snapkv needs attentions, or queries and keys; missing: attentions, or queries',
    ],
    [
      'too short a text',
      ['--trace', keys, '--policy', 'streaming-llm', '--ratio', '1'],
      'there are 4 tokens and 4 sinks',
    ],
    [
      'shapes that disagree',
      ['--trace', uneven, '--policy', 'knorm', '--ratio', '1'],
      'seq is 2 in keys, but 3 in values',
    ],
    [
      'heads that do not share evenly',
      ['--trace', groups, '--policy', 'tova', '--ratio', '1'],
      'heads (3) is not a multiple of kv_heads (2)',
    ],
  ])('%s', (_, args, message) => {
    const { stdout, stderr, status } = cli(...args);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  });
});
