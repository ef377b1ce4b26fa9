import { expect, test } from 'vitest';
import { makeCodec } from '../../../src/engine/plan.ts';
import { termOf } from '../../../src/engine/lane-spec.ts';
import { shape } from './rows.ts';

const encode = (text: string, rows: readonly number[], headDim: number) =>
  makeCodec(termOf(text)).encode(Float32Array.from(rows), 'keys', shape(headDim));
const part = (text: string, name: string, rows: readonly number[], headDim: number) =>
  Array.from(encode(text, rows, headDim).parts()[name]!.numbers);

// At 3 bits a symmetric grid has 7 levels: the largest number, -6, is 3 steps of 2. Codes count from the lowest; 3 and -1 are 1.5 and -0.5 steps, and halves
// go to the even step: 2 and 0.
test('symmetric: 0 stays 0, and halves go to the even step on both sides', () => {
  const rows = [-6, 0, 3, -1, 1, 4];
  expect(part('per-tensor(bits=3)', 'codes', rows, 2)).toEqual([0, 3, 5, 3, 3, 5]);
  expect(part('per-tensor(bits=3)', 'scales', rows, 2)).toEqual([2]);
  expect([...encode('per-tensor(bits=3)', rows, 2).decode()]).toEqual([-6, 0, 4, 0, 0, 4]);
});

// The same three rows: one scale for all, for each token, for each channel of three tokens.
test('who shares a scale', () => {
  const rows = [0, 3, 0, 30, 0, 300];
  expect(part('per-tensor(bits=2,symmetric=false)', 'scales', rows, 2)).toEqual([100]);
  expect(part('per-token(bits=2)', 'scales', rows, 2)).toEqual([1, 10, 100]);
  expect(part('per-token(bits=2,group=1)', 'zeros', rows, 2)).toEqual(rows);
  expect(part('per-channel(bits=2,group=3)', 'scales', rows, 2)).toEqual([0, 99]);
  expect(encode('per-tensor(bits=2,symmetric=false)', rows, 2).parts()['codes']!.shape).toEqual([3, 2]);
});

test('by channel, tokens that fill no group wait', () => {
  const codec = makeCodec(termOf('per-channel(bits=4,group=16)'));
  expect([15, 16, 40].map((waiting) => codec.pending(waiting, 'values', shape(8)))).toEqual([0, 16, 32]);
  // 32 tokens of 8 at half a byte, 8 at two; 2 * 8 groups of 4 bytes on each side.
  expect(codec.bytes(40, shape(8))).toEqual({ keys: 256, values: 256, metadata: 128 });
});
