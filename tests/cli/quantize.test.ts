import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/engine/model/safetensors.ts';
import { membersOf } from '../../src/engine/members.ts';
import { tensorOf, type Nested } from '../engine/eviction/layers.ts';

const folder = mkdtempSync(join(tmpdir(), 'quantize-'));
afterAll(() => rmSync(folder, { recursive: true }));

function trace(name: string, tensors: Record<string, Nested>): string {
  const path = join(folder, `${name}.safetensors`);
  const all = Object.entries(tensors).map(([key, nested]) => [key, tensorOf(nested)] as const);
  writeFileSync(path, writeSafetensors(new Map(all), {}));
  return path;
}

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../src/cli/quantize.ts'), ...args], { encoding: 'utf8' });

const written = (path: string, codec: string, ...rest: string[]) => {
  const { stdout, stderr, status } = cli('--trace', path, '--codec', codec, ...rest);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return JSON.parse(stdout) as Record<string, unknown>;
};

// Two channels, five tokens (see kivi.test.ts): channel 0 is 0, 1, 2, 3 and channel 1 is 7, 1, 4, 10; a fifth token waits.
const keys = [
  [
    [0, 7],
    [1, 1],
    [2, 4],
    [3, 10],
    [9, 9],
  ],
];
const path = trace('keys', { keys, values: keys });

describe('prints one JSON object', () => {
  // 8 codes of 2 bits are 2 bytes, two groups 8, and the token that waits 4: 14 bytes for 10 numbers.
  test('keys by channel', () => {
    expect(written(path, 'kivi(bits=2,group=4,residual=4)')).toEqual({
      codec: 'kivi(group=4,residual=4)',
      tensor: 'keys',
      basis: 'cached',
      encoded: 4,
      bits_per_value: 11.2,
      bytes: 14,
      codes: [
        [
          [0, 2],
          [1, 0],
          [2, 1],
          [3, 3],
        ],
      ],
      scales: [[[1, 3]]],
      zeros: [[[0, 1]]],
      packed: [[228 + 210 * 256]],
      decoded: keys,
      error: { max: 0, mean: 0, rms: 0, relative: 0 },
    });
  });

  // Of five values one is written and four wait: 7 steps of 7 / 3.
  test('values by token', () => {
    expect(written(path, 'kivi(bits=2,group=4,residual=4)', '--tensor', 'values')).toMatchObject({
      encoded: 1,
      codes: [[[0, 3]]],
      scales: [[[Math.fround(7 / 3)]]],
      zeros: [[[0]]],
      decoded: keys,
    });
  });

  // 3 / 127 and 7 / 127 and so on; a block of 32 takes 34 bytes, however few channels there are.
  test('a type of ggml, with its blocks', () => {
    const { bytes, bits_per_value, packed, codes } = written(path, 'q8_0');
    expect({ bytes, bits_per_value }).toEqual({ bytes: 5 * 34, bits_per_value: 5 * 34 * 0.8 });
    expect((packed as number[][])[0]).toHaveLength(5 * 34);
    expect((codes as number[][][])[0]![0]!.slice(0, 3)).toEqual([0, 127, 0]);
  });

  // Five tokens of two channels at 16 bits are 20 bytes of memory. On the way: a count (2), five scales (10), an anchor's codes (2), two tables of 31 counts for
  // the first layer's 5 bits (62), and the coder's bytes for 8 codes.
  test('what crosses a network is apart from what memory holds', () => {
    const found = written(path, 'cachegen');
    expect(found).toMatchObject({ codec: 'cachegen', bytes: 20, bits_per_value: 16, encoded: 5 });
    const { wire, wire_bytes, wire_bits_per_value } = found as Record<string, number> & { wire: number[][] };
    expect(wire.map(({ length }) => length)).toEqual([wire_bytes]);
    expect(wire_bytes! - 76).toBeLessThanOrEqual(7);
    expect(wire_bits_per_value).toBe((8 * wire_bytes!) / 10);
    expect(Object.keys(written(path, 'fp8'))).not.toContain('wire_bytes');
  });

  // 0.3 and -0.3 round to 0.3125 and -0.3125 with three bits of mantissa (steps of 1/32 from a quarter on): off by 0.0125 of 0.3.
  test('how far off it is', () => {
    const { error } = written(trace('small', { keys: [[[0.3, -0.3]]] }), 'fp8') as { error: Record<string, number> };
    for (const name of ['max', 'mean', 'rms']) expect(error[name]).toBeCloseTo(0.0125, 6);
    expect(error['relative']).toBeCloseTo(0.0125 / 0.3, 6);
  });

  test('keys before RoPE, as recorded or turned back: at position 1 by 1 radian', () => {
    const [sin, cos] = [Math.sin(1), Math.cos(1)];
    const turned = [[[1, 2], ...Array.from({ length: 39 }, () => [0, 0])]];
    turned[0]![1] = [cos - 2 * sin, 2 * cos + sin];
    const { basis, decoded } = written(trace('turned', { keys: turned }), 'low-rank(rank=1)') as {
      basis: string;
      decoded: number[][][];
    };
    expect(basis).toBe('before-rope');
    for (const token of [0, 1]) {
      expect(decoded[0]![token]![0]).toBeCloseTo(1, 2);
      expect(decoded[0]![token]![1]).toBeCloseTo(2, 2);
    }
    const recorded = Array.from({ length: 40 }, () => [3, 4]);
    const both = trace('both', { keys: turned, keys_prerope: [recorded] });
    expect((written(both, 'low-rank(rank=1)')['decoded'] as number[][][])[0]![5]![0]).toBeCloseTo(3, 2);
  });

  // Channel 1 is larger in the keys, but no query looks at it.
  test('queries choose channels', () => {
    const looked = trace('looked', { keys, queries: [[[1, 0]]] });
    const { mask, decoded } = written(looked, 'think(ratio=0.5)') as { mask: number[][]; decoded: number[][][] };
    expect(mask).toEqual([[1, 0]]);
    expect(decoded[0]![3]).toEqual([3, 0]);
  });

  test.each(membersOf('codec').map(({ name }) => name))('%s', (name) => {
    const rows = (seed: number) =>
      Array.from({ length: 40 }, (_, t) => Array.from({ length: 32 }, (__, c) => Math.sin(seed + 1.7 * t * c + c)));
    const all = trace('all', { keys: [rows(1), rows(2)], queries: [rows(5), rows(6)] });
    const { bytes, bits_per_value, decoded } = written(all, name);
    expect(bits_per_value).toBe(((bytes as number) * 8) / (2 * 40 * 32));
    expect((decoded as number[][][])[1]![39]).toHaveLength(32);
  });
});

describe('is one line on stderr, and exit code 2', () => {
  const infinite = trace('infinite', { keys: [[[1, Infinity]]] });
  test.each([
    ['nothing', [], 'usage: quantize --trace'],
    ['no codec', ['--trace', path], 'usage: quantize --trace'],
    ['an unknown option', ['--trcae', path], "Unknown option '--trcae'"],
    [
      'an unknown codec',
      ['--trace', path, '--codec', 'kivvi'],
      'There is no method "kivvi". There is cachegen, fp8, iq4_nl',
    ],
    ['a method that writes nothing', ['--trace', path, '--codec', 'snapkv'], '--codec is one of'],
    ['two codecs', ['--trace', path, '--codec', 'kivi+fp8'], 'A lane has one codec; "fp8" was left out.'],
    ['a setting out of range', ['--trace', path, '--codec', 'per-token(bits=9)'], 'must be a number from 2 to 8'],
    ['an unknown setting', ['--trace', path, '--codec', 'kivi(bit=2)'], 'Unknown setting "bit"'],
    ['another tensor', ['--trace', path, '--codec', 'fp8', '--tensor', 'keys_prerope'], '--tensor is keys or values'],
    ['a missing file', ['--trace', join(folder, 'none'), '--codec', 'fp8'], 'no such file'],
    ['a missing tensor', ['--trace', trace('values', { values: keys }), '--codec', 'fp8'], 'The layer has no keys.'],
    ['missing queries', ['--trace', path, '--codec', 'think'], 'think needs the latest queries of a head'],
    ['a number that is none', ['--trace', infinite, '--codec', 'fp8'], 'number 1 is Infinity'],
  ])('%s', (_, args, message) => {
    const { stdout, stderr, status } = cli(...args);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  });
});
