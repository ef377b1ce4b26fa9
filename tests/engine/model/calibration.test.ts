import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { membersOf } from '../../../src/engine/members.ts';
import { Calibration } from '../../../src/engine/model/calibration.ts';
import { readSafetensors, writeSafetensors } from '../../../src/engine/model/safetensors.ts';
import { config, file } from '../harbour.ts';

const shapes = { ...config, id: 'tiny', layers: 2, kvHeads: 3 };
const written = (shape: number[]) =>
  writeSafetensors(
    new Map([['looks', { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i) }]]),
  );

describe('a calibration', () => {
  test('gives each layer its part', () => {
    const learned = new Calibration(shapes, written([2, 3, 2]));
    expect([...learned.of('looks', 1)]).toEqual([6, 7, 8, 9, 10, 11]);
    expect([...new Calibration(shapes, written([2, 3])).of('looks', 0)]).toEqual([0, 1, 2]);
  });

  test('of another model is refused', () => {
    expect(() => new Calibration(shapes, written([2, 4, 2]))).toThrow(
      'looks, learned from tiny, has shape [2,4,2], expected [2, 3, ...].',
    );
  });

  test('may be missing, and then what needs it says so', () => {
    expect(() => new Calibration(shapes, undefined).of('looks', 0)).toThrow('No looks were learned from tiny.');
  });
});

describe('the shipped calibration', () => {
  const { tensors, metadata } = readSafetensors(file.calibration!);

  test('belongs to these weights: npm run calibrate makes it anew', () => {
    expect(metadata['weights_sha256']).toBe(createHash('sha256').update(file.weights).digest('hex'));
    expect(metadata['texts']).toMatch(/^\d+ texts of \d+ tokens from seed \d+\b/);
  });

  test('holds what the rules learn, and nothing else', () => {
    const names = [...membersOf('score'), ...membersOf('budget'), ...membersOf('retrieval')].flatMap(
      ({ learns }) => learns?.name ?? [],
    );
    expect([...tensors.keys()].sort()).toEqual([...names].sort());
    for (const { data } of tensors.values()) expect(data.every(Number.isFinite)).toBe(true);
    const scores = tensors.get('head_scores')!.data;
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
    expect(new Set(scores).size).toBe(scores.length);
  });
});
