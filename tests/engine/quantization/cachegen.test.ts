import { describe, expect, test } from 'vitest';
import { cachegen } from '../../../src/engine/quantization/cachegen.ts';
import { pack, unpack } from '../../../src/engine/quantization/packet.ts';
import { gaussian, shape } from './rows.ts';

const codec = (bits: number, deltas = true, group = 10) => cachegen.make({ bits, group, deltas }, []);

// An anchor of 127 and -64: its largest is 127, so that a step of 8 bits is 1, and codes are counted from -127: 254 and 63. The second token is off by 3 and 3:
// at 3 bits, 3 steps a side, that is a step of 1, and codes 6 and 6. The third is off by -1 and 0: a step of a third, and codes 0 and 3.
const rows = Float32Array.of(127, -64, 130, -61, 126, -64);

describe('by hand', () => {
  const encoded = codec(3).encode(rows, 'keys', shape(2, 2));

  test('the packet', () => {
    expect([...encoded.wire!()]).toEqual([
      ...[3, 0],
      // 1, 1 and a third as 16-bit floats.
      ...[0, 0x3c, 0, 0x3c, 0x55, 0x35],
      ...[254, 63],
      // How often the codes 0 to 6 come in each channel.
      ...[1, 0, 0, 0, 0, 0, 1],
      ...[0, 0, 0, 1, 0, 0, 1],
      // 6 is the upper half of both channels, 0 and 3 the lower: 1100.
      ...[192, 0, 0, 0],
    ]);
  });

  test('comes back as 16-bit floats, and that is what memory holds', () => {
    expect([...encoded.decode()]).toEqual([...rows]);
    expect([encoded.bits, encoded.overhead]).toEqual([16, 0]);
  });
});

test('without differences every token is on its own grid, and there is no anchor', () => {
  const encoded = codec(3, false).encode(Float32Array.of(3, -1), 'keys', shape(2, 2));
  expect([...encoded.wire!()]).toEqual([1, 0, 0, 0x3c, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect([...encoded.decode()]).toEqual([3, -1]);
});

// Half a step of the token's own grid, 63 steps a side at 7 bits, and the rounding to 16-bit floats: were errors of anchors added, this would not hold.
test('what an anchor loses is not lost by those that differ from it', () => {
  const numbers = gaussian(1, 64 * 32).map((x, i) => (Math.floor(i / 32) % 10 ? x / 100 : 0) + 50);
  const decoded = codec(7).encode(numbers, 'values', shape(32, 3)).decode();
  numbers.forEach((x, i) => {
    const anchor = Math.floor(i / 320) * 320 === Math.floor(i / 32) * 32;
    expect(Math.abs(x - decoded[i]!)).toBeLessThan(anchor ? 50 / 127 / 2 + 1 / 64 : 0.4 / 63 / 2 + 1 / 64);
  });
});

test('the first layers have twice the levels: of four, two for keys and one for values', () => {
  const size = (side: 'keys' | 'values', layer: number) =>
    codec(4).encode(gaussian(2, 40 * 32), side, shape(32, layer)).wire!().length;
  const layers = [0, 1, 2, 3];
  const [keys, values] = (['keys', 'values'] as const).map((side) => layers.map((layer) => size(side, layer)));
  expect(keys![0]).toBe(keys![1]);
  expect(keys![1]).toBeGreaterThan(keys![2]!);
  expect(keys![2]).toBe(keys![3]);
  expect(values![0]).toBeGreaterThan(values![1]!);
  expect(new Set(values!.slice(1)).size).toBe(1);
});

// Tokens of a group that are alike leave differences of 0, which cost nothing; 4 anchors of 32 bytes do.
test('like tokens are nearly free', () => {
  const one = gaussian(3, 32);
  const alike = Float32Array.from({ length: 40 * 32 }, (_, i) => one[i % 32]!);
  const tables = 32 * 15;
  const like = codec(4).encode(alike, 'keys', shape(32, 3)).wire!().length;
  expect(like).toBeLessThan(2 + 40 * 2 + 4 * 32 + tables + 40 * 32 * (1 / 8) * 0.5);
  expect(codec(4, false).encode(alike, 'keys', shape(32, 3)).wire!().length).toBeLessThan(2 + 80 + tables + 5);
});

test('a packet of what was read from a packet holds the same codes, whatever the sizes', () => {
  for (const group of [3, 10, Infinity]) {
    const packet = { width: 8, bits: 5, group };
    for (const tokens of [1, 2, 9, 31]) {
      const read = unpack(pack(gaussian(tokens, tokens * 8), packet), packet);
      expect(read).toHaveLength(tokens * 8);
      unpack(pack(read, packet), packet).forEach((x, i) => expect(x).toBeCloseTo(read[i]!, 2));
    }
    expect(pack(new Float32Array(0), packet)).toHaveLength(0);
    expect(unpack(new Uint8Array(0), packet)).toHaveLength(0);
  }
});

test('what is there is sent once; what a lane reads itself never is, and nor is it by its fork', () => {
  const lane = codec(4);
  const at = shape(32);
  expect(lane.pending(50, 'keys', at)).toBe(50);
  lane.encode(gaussian(5, 50 * 32), 'keys', at);
  expect(lane.pending(51, 'keys', at)).toBe(0);
  expect(lane.fork!().pending(51, 'keys', at)).toBe(0);
  expect([lane.pending(50, 'values', at), lane.pending(50, 'keys', shape(32, 1))]).toEqual([50, 50]);
});
