import { expect, test } from 'vitest';
import { parseLane } from '../../../src/engine/lane-spec.ts';
import { makeCodec } from '../../../src/engine/plan.ts';
import { roundTrip } from '../../../src/engine/quantization/round-trip.ts';

const at = { layer: 0, layers: 1, kvHead: 0, headDim: 2 };

// Three tokens of two channels, groups of two tokens: two are written, one waits. 4 numbers at 2 bits are 1 byte, two groups have a scale and a zero of
// 2 bytes each, which is 8 bytes, and the token that waits has 2 numbers of 2 bytes: 13. Channel 0 holds 0 and 3, channel 1 holds 1 and 1: both come back.
test('what is written, what waits, and what both take', () => {
  const codec = makeCodec(parseLane('per-channel(bits=2,group=2)').spec.terms[0]!);
  const { count, bytes, decoded } = roundTrip(codec, Float32Array.of(0, 1, 3, 1, 0.3, 0.7), 'keys', at);
  expect([count, bytes]).toEqual([2, 13]);
  expect(decoded).toEqual(Float32Array.of(0, 1, 3, 1, 0.3, 0.7));
});
