import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { members, membersOf } from '../../src/engine/members.ts';
import { writeSafetensors } from '../../src/engine/model/safetensors.ts';
import { adakv, knorm, pyramid, snapkv, topk } from '../engine/budget/kvpress.ts';
import { randomTensors, tensorOf, type Nested } from '../engine/eviction/layers.ts';

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

describe('a specification is one score or one budget', () => {
  const printed = (...call: Parameters<typeof score>) => JSON.parse(score(...call).stdout) as Printed;

  // The lengths again: 5, 1, 10, 0 and 0, 13, 2, 1. The longest stay.
  test('a score around another', () => {
    expect(printed(keys, 'inverted(knorm)', '0.5')).toEqual({
      policy: 'inverted(knorm)',
      ratio: 0.5,
      n_kept: 2,
      scores: [
        [5, 1, 10, 0],
        [0, 13, 2, 1],
      ],
      kept: [
        [0, 2],
        [1, 2],
      ],
    });
  });

  // n = 1 and two heads: the two best of all are 0 and 0, one of each head. Half removed, n = 2: 0, 0, -1, -1. Three quarters of the rest: n = 3, and
  // six of 0, 0, -1, -1, -2, -5.
  test('under a budget heads keep different numbers, and n_kept is their total', () => {
    expect(printed(keys, 'adakv(knorm,safeguard=0)', '0.75')).toMatchObject({ n_kept: 2, kept: [[3], [0]] });
    expect(printed(keys, 'adakv(knorm,safeguard=0)', '0.25')).toMatchObject({
      policy: 'adakv(knorm,safeguard=0)',
      n_kept: 6,
      scores: [
        [-5, -1, -10, 0],
        [0, -13, -2, -1],
      ],
      kept: [
        [0, 1, 3],
        [0, 2, 3],
      ],
    });
    // Turned round, n = 1: 13 and 10. n = 2: 13, 10, 5, 2.
    const uneven = trace('uneven heads', {
      keys: [
        [[9], [8], [7], [1]],
        [[0], [0], [0], [2]],
      ],
    });
    expect(printed(uneven, 'adakv(inverted(knorm),safeguard=0)', '0.5')).toMatchObject({
      n_kept: 4,
      kept: [[0, 1, 2], [3]],
    });
    expect(printed(uneven, 'adakv(inverted(knorm),safeguard=0.9)', '0.5')).toMatchObject({
      n_kept: 4,
      kept: [[0, 1, 2], [3]],
    });
    expect(printed(uneven, 'adakv(inverted(knorm),safeguard=1)', '0.5')).toMatchObject({
      n_kept: 4,
      kept: [
        [0, 1],
        [0, 3],
      ],
    });
  });

  // The same four heads of ten tokens in each of four layers; T = 4, min = 1, max = 7 < 10: 7, 5, 3, 1.
  test('a pyramid reads from the metadata which layer it is', () => {
    const ten = Array.from({ length: 10 }, (_, j) => [10 - j]);
    const at = (layer: number) =>
      printed(
        trace(`layer ${layer}`, { keys: [ten, ten] }, { layer: String(layer), layers: '4' }),
        'pyramid(knorm,beta=4)',
        '0.6',
      );
    const newest = (count: number) => Array.from({ length: count }, (_, i) => 10 - count + i);
    [7, 5, 3, 1].forEach((count, layer) =>
      expect(at(layer)).toMatchObject({ n_kept: 2 * count, kept: [newest(count), newest(count)] }),
    );
    // Without metadata there is one layer, which gets the mean.
    expect(printed(trace('alone', { keys: [ten] }), 'pyramid(knorm,beta=4)', '0.6')).toMatchObject({ n_kept: 4 });
  });

  // 0.5, 0.25, 0.125 and 0.75, 0.0625, 0.375 while the text is read again: half of six are 0.75, 0.5, 0.375.
  test('several files are layers, which share out what they keep together', () => {
    const layers = [
      [0.5, 0.25, 0.125],
      [0.75, 0.0625, 0.375],
    ].map((looks, i) => trace(`repeat ${i}`, { repeat_attentions: [[looks, [0, 0, 0]]] }));
    const printed = (policy: string, ratio: string) => {
      const { stdout, stderr } = cli(
        ...layers.flatMap((path) => ['--trace', path]),
        '--policy',
        policy,
        '--ratio',
        ratio,
      );
      expect(stderr).toBe('');
      return JSON.parse(stdout) as unknown;
    };
    expect(printed('pool(kvzip)', '0.5')).toEqual({
      policy: 'pool(kvzip)',
      ratio: 0.5,
      n_kept: 3,
      scores: [[[0.5, 0.25, 0.125]], [[0.75, 0.0625, 0.375]]],
      kept: [[[0]], [[0, 2]]],
    });
    expect(printed('kvzip', '0.5')).toMatchObject({ n_kept: 1, kept: [[[0]], [[0]]] });
    // A pyramid counts its layers: T = 2.1, min = 0.7, max = 3.5 >= 3, so 3 and 1.2.
    expect(printed('pyramid(kvzip,beta=3)', '0.3')).toMatchObject({ n_kept: 4, kept: [[[0, 1, 2]], [[0]]] });
  });

  test('an even budget is a score alone', () => {
    expect(score(keys, 'uniform(knorm)', '0.5').stdout).toBe(score(keys, 'knorm', '0.5').stdout);
  });

  test('settings may stand in it or beside it; the name is that of the specification, at its shortest', () => {
    const path = trace('set', { attentions }, { kv_heads: '1' });
    const beside = printed(path, 'h2o', '0.3', 'average=false', 'recent=1');
    expect(beside).toMatchObject({ policy: 'h2o', kept: [[1, 2]] });
    expect(printed(path, 'h2o(average=false, recent=1)', '0.3')).toEqual({
      ...beside,
      policy: 'h2o(average=false,recent=1)',
    });
    expect(printed(path, 'h2o(recent=1)', '0.3', 'average=false')).toEqual({ ...beside, policy: 'h2o(recent=1)' });
    expect(printed(path, 'h2o(average=true,recent=0)', '0.3').policy).toBe('h2o');
    // Those beside it are of the outermost term.
    expect(printed(path, 'adakv(h2o(average=false))', '0.3', 'safeguard=1')).toMatchObject({
      policy: 'adakv(h2o(average=false))',
      kept: [[0, 1]],
    });
  });
});

interface Printed {
  readonly policy: string;
  readonly ratio: number;
  readonly n_kept: number;
  readonly scores: number[][];
  readonly kept: number[][];
}

test('--list prints every member with its settings, what it wraps, what it reads, and its source', () => {
  const { stdout, stderr, status } = cli('--list', '--json');
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const list = JSON.parse(stdout) as Record<string, unknown>[];
  expect(list.map(({ name, role }) => [name, role])).toEqual(members.map(({ name, role }) => [name, role]));
  for (const one of list) {
    const attention = one['role'] === 'score' || one['role'] === 'budget' ? ['attention'] : [];
    expect(Object.keys(one)).toEqual(['name', 'role', 'settings', 'wraps', 'tensors', ...attention, 'source']);
  }
  const of = (name: string) => list.find((one) => one['name'] === name);
  expect(of('snapkv')).toMatchObject({
    role: 'score',
    settings: { window: { kind: 'number', default: 16, min: 1, max: 256, step: 1 }, kernel: { default: 5, step: 2 } },
    wraps: [],
    tensors: [['attentions'], ['queries', 'keys']],
    attention: 'some',
    source: 'arXiv 2404.14469',
  });
  expect(of('adakv')).toMatchObject({
    role: 'budget',
    settings: { safeguard: { default: 0.2 } },
    wraps: [{ role: 'score', default: 'snapkv' }],
    tensors: [],
    attention: 'none',
  });
  expect(['h2o', 'kvzip', 'oracle', 'knorm', 'cake'].map((name) => of(name)!['attention'])).toEqual([
    ...['all', 'again', 'future', 'none', 'some'],
  ]);
  expect(of('kivi')).toMatchObject({ role: 'codec', settings: { bits: { kind: 'choice', choices: [2, 3, 4, 8] } } });
});

// Many more cases, without a process for each, are in tests/engine/budget/kvpress.test.ts.
describe('agrees with another implementation, on random tensors', () => {
  const sizes = { seq: 60, heads: 8, kvHeads: 4, headDim: 8 };
  const random = randomTensors(1, sizes);
  // What is written has 32 bits: the other implementation must see the same numbers.
  const looks = random.attentions.map((rows) => rows.map((row) => row.map(Math.fround)));
  const at = (layer: number) =>
    trace(`random ${layer}`, { keys: random.keys, attentions: looks }, { layer: String(layer), layers: '6' });
  const norms = knorm(random.keys);
  const votes = snapkv(looks, 4, sizes);

  function expectSame(path: string, policy: string, ratio: number, scores: number[][], kept: number[][]) {
    const printed = JSON.parse(score(path, policy, String(ratio)).stdout) as Printed;
    expect(printed.n_kept).toBe(kept.flat().length);
    expect(printed.kept).toEqual(kept);
    printed.scores.forEach((row, head) => row.forEach((x, j) => expect(x).toBeCloseTo(scores[head]![j]!, 6)));
  }

  test.each([0.1, 0.35, 0.77])('adakv, %d removed', (ratio) => {
    expectSame(at(0), 'adakv(knorm,safeguard=0.2)', ratio, norms, adakv(norms, ratio, 0.2));
    expectSame(at(0), 'adakv(snapkv(window=4),safeguard=0.5)', ratio, votes, adakv(votes, ratio, 0.5));
  });

  // 60 tokens and 0.35 removed: int(3 * 0.65) = 1 chunk of 20. Of each of the three, int(20 * 0.65) = 13. And 39 of all, block by block or at once.
  test('chunks, pieces and blocks', () => {
    const chunk = [0, 20, 40].map((from) => norms.reduce((sum, row) => sum + mean(row.slice(from, from + 20)), 0));
    const from = 20 * chunk.indexOf(Math.max(...chunk));
    const whole = Array.from({ length: 20 }, (_, j) => from + j);
    expectSame(at(0), 'chunkkv(knorm,length=20)', 0.35, norms, new Array(4).fill(whole));
    const pieces = norms.map((row) =>
      [0, 20, 40].flatMap((start) => topk(row.slice(start, start + 20), 13).map((j) => start + j)),
    );
    expectSame(at(0), 'chunk(knorm,length=20)', 0.35, norms, pieces);
    const best = norms.map((row) => topk(row, 39));
    expectSame(at(0), 'block(knorm,size=16)', 0.35, norms, best);
  });

  // 15 of 60 at 3 times less for the last than the mean: 25, 21, ..., 5. At half, 30: 56 and 4. At 0.9, 6: less than the window for some, so 6 for all.
  test.each([
    [0.75, 0, 3, 25],
    [0.75, 5, 3, 5],
    [0.5, 0, 20, 56],
    [0.5, 5, 20, 4],
    [0.9, 5, 20, 6],
  ])('pyramid, %d removed, layer %i of 6, beta %d: %i in every head', (ratio, layer, beta, count) => {
    expect(pyramid(60, ratio, beta, 4, layer, 6)).toBe(count);
    const kept = votes.map((row) => topk(row, count));
    expectSame(at(layer), `pyramid(snapkv(window=4),beta=${beta})`, ratio, votes, kept);
  });
});

const mean = (row: readonly number[]) => row.reduce((a, b) => a + b, 0) / row.length;

describe('refuses in one line, with exit code 2', () => {
  const allowed = [...membersOf('score'), ...membersOf('budget')].map(({ name }) => name).join(', ');
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
      `There is no method "toString". There is ${allowed}.`,
    ],
    [
      'a method that does not score',
      ['--trace', keys, '--policy', 'kivi', '--ratio', '1'],
      `--policy is one of ${allowed}, not "kivi"`,
    ],
    ['a whole lane', ['--trace', keys, '--policy', 'knorm+every(4)', '--ratio', '1'], 'not "knorm+every(4)"'],
    [
      'two scores',
      ['--trace', keys, '--policy', 'knorm+random', '--ratio', '1'],
      'A lane has one score; "random" was left out.',
    ],
    ['nothing', ['--trace', keys, '--policy', '', '--ratio', '1'], 'A lane needs a method.'],
    [
      'an unknown term inside another',
      ['--trace', keys, '--policy', 'adakv(knrom)', '--ratio', '1'],
      'There is no method "knrom".',
    ],
    [
      'an unknown setting in the specification',
      ['--trace', keys, '--policy', 'adakv(random(sed=1))', '--ratio', '1'],
      'random: Unknown setting "sed"; the settings are seed.',
    ],
    [
      'a setting of an inner term beside it',
      ['--trace', keys, '--policy', 'adakv(random)', '--ratio', '1', '--set', 'seed=1'],
      'adakv: Unknown setting "seed"; the settings are safeguard.',
    ],
    [
      'a line break in a name',
      ['--trace', keys, '--policy', 'knorm(\n\n)x', '--ratio', '1'],
      'There is no method "knorm( )x".',
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
      'missing tensors of an inner term',
      ['--trace', keys, '--policy', 'adakv(inverted(h2o))', '--ratio', '1'],
      'h2o needs attentions; missing: attentions',
    ],
    [
      'missing tensors of a budget',
      ['--trace', keys, '--policy', 'critical-adakv(knorm)', '--ratio', '1'],
      'critical-adakv needs values and output_projection; missing: values and output_projection',
    ],
    [
      'layers of different texts',
      ['--trace', keys, '--trace', trace('short', { keys: [[[1], [2]]] }), '--policy', 'knorm', '--ratio', '1'],
      'layer 0 has 4 tokens, and layer 1 has 2',
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
