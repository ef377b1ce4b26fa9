import { describe, expect, test } from 'vitest';
import { parseLane, printLane } from '../../../src/engine/lane-spec.ts';
import { makePlan } from '../../../src/engine/plan.ts';
import { kivi } from '../../../src/engine/quantization/kivi.ts';
import { perLayer } from '../../../src/engine/quantization/per-layer.ts';
import type { Codec, HeadShape } from '../../../src/engine/quantization/types.ts';

const four = kivi.make({ bits: 4, group: 8, residual: 8, channels: true }, []);
const two = kivi.make({ bits: 2, group: 16, residual: 16, channels: true }, []);
const codec = perLayer.make({ first: 2 }, [four, two]);

const at = (layer: number): HeadShape => ({ layer, layers: 4, kvHead: 1, headDim: 4 });
const rows = Float32Array.from({ length: 16 * 4 }, (_, i) => Math.cos(i));
const layers = [0, 1, 2, 3];

test('the first layers are written by one codec, the rest by another', () => {
  const bits = layers.map((layer) => codec.encode(rows, 'keys', at(layer)).bits);
  expect(bits).toEqual([4, 4, 2, 2]);
  for (const side of ['keys', 'values'] as const) {
    for (const layer of layers) {
      const of = layer < 2 ? four : two;
      expect(codec.encode(rows, side, at(layer)).decode()).toEqual(of.encode(rows, side, at(layer)).decode());
      // Twenty rows wait: sixteen keys and twelve values go in eights, sixteen keys and four values in sixteens.
      expect(codec.pending(20, side, at(layer))).toBe(side === 'keys' ? 16 : layer < 2 ? 12 : 4);
    }
  }
});

// A head of 16 rows of 4 numbers. In eights at 4 bits: 16 keys and 8 values encoded, 8 values at 16 bits, 4 * 2 + 8 groups of 4 bytes.
// In sixteens at 2 bits: 16 keys encoded, 16 values at 16 bits, 4 groups.
test('bytes are those of the layer', () => {
  expect(layers.map((layer) => codec.bytes(16, at(layer)))).toEqual([
    { keys: 32, values: 16 + 64, metadata: 64 },
    { keys: 32, values: 16 + 64, metadata: 64 },
    { keys: 16, values: 128, metadata: 16 },
    { keys: 16, values: 128, metadata: 16 },
  ]);
});

describe('which layers are the first', () => {
  const bitsWith = (first: number) =>
    layers.map((layer) => perLayer.make({ first }, [four, two]).encode(rows, 'keys', at(layer)).bits);

  test('none, all, or more than there are', () => {
    expect([bitsWith(0), bitsWith(1), bitsWith(4), bitsWith(64)]).toEqual([
      [2, 2, 2, 2],
      [4, 2, 2, 2],
      [4, 4, 4, 4],
      [4, 4, 4, 4],
    ]);
  });
});

test('it wraps itself: three codecs for three groups of layers', () => {
  const eight = kivi.make({ bits: 8, group: 8, residual: 8, channels: true }, []);
  const nested = perLayer.make({ first: 1 }, [eight, perLayer.make({ first: 3 }, [four, two])]);
  expect(layers.map((layer) => nested.encode(rows, 'keys', at(layer)).bits)).toEqual([8, 4, 4, 2]);
});

test('each layer is given its keys as its own codec wants them', () => {
  const before: Codec = {
    basis: () => 'before-rope',
    pending: (waiting, side, shape) => two.pending(waiting, side, shape),
    encode: (some, side, shape) => two.encode(some, side, shape),
    bytes: (count, shape) => two.bytes(count, shape),
  };
  const mixed = perLayer.make({ first: 1 }, [before, two]);
  expect(layers.map((layer) => mixed.basis(at(layer)))).toEqual(['before-rope', 'cached', 'cached', 'cached']);
});

test('as a lane says it: 4 bits in the first two layers and 2 in the rest, unless told otherwise', () => {
  const bits = (lane: string) => {
    const { spec, problems } = parseLane(lane);
    expect([problems, printLane(spec)]).toEqual([[], lane]);
    const { codec: made } = makePlan(spec);
    return layers.map((layer) => made!.encode(new Float32Array(64 * 4), 'values', at(layer)).bits);
  };
  expect(bits('per-layer(kivi(bits=4),kivi)')).toEqual([4, 4, 2, 2]);
  expect(bits('per-layer(kivi,kivi(bits=8),first=1)')).toEqual([2, 8, 8, 8]);
  expect(parseLane('per-layer').spec).toEqual(parseLane('per-layer(kivi(bits=4),kivi)').spec);
});
