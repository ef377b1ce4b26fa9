import { describe, expect, test } from 'vitest';
import { parseLane } from '../../../src/engine/lane-spec.ts';
import { diagnose, type FlipCell, type Written } from '../../../src/engine/measure/diagnosis.ts';
import { allWritten, askedOfBoth, flipsOf, laneOf } from '../../../src/engine/measure/flips.ts';
import { makePlan } from '../../../src/engine/plan.ts';
import { engineOf } from '../harbour.ts';

const cell = (written: Written, flipped: number): FlipCell => ({
  lane: laneOf(written),
  ...written,
  rule: { flipped, of: 100, within: [0, 1] },
  fact: { flipped: 0, of: 100, within: [0, 1] },
  kl: 0,
  within: [0, 0],
});

/** Flips of each layer alone on one scale, and with a scale for each channel. */
const cells = (tensor: readonly number[], channel: readonly number[]) => [
  cell({ scaling: 'token', bits: 3 }, 1),
  ...tensor.flatMap((flips, layer) => [
    cell({ scaling: 'tensor', bits: 3, layer, part: 'only' }, flips),
    cell({ scaling: 'channel', bits: 3, layer, part: 'only' }, channel[layer]!),
    cell({ scaling: 'tensor', bits: 3, layer, part: 'others' }, 2),
    cell({ scaling: 'channel', bits: 3, layer, part: 'mixed' }, 3),
  ]),
];

describe('the diagnosis', () => {
  // 20 flips in layer 1. With scales by channel 15 are left, so a quarter is gone; 10 are half of them, 4 leave four fifths gone.
  test.each([
    [15, 0.25, 'layer', 2],
    [10, 0.5, 'mixed', 3],
    [6, 0.7, 'mixed', 3],
    [4, 0.8, 'tokens', 1],
  ] as const)('%d of 20 flips left: a ratio of %d, and the repair "%s"', (left, ratio, repair, flips) => {
    const found = diagnose(cells([0, 20, 5, 20], [0, left, 5, 0]))!;
    expect(found).toMatchObject({ layer: 1, repair });
    expect(found.ratio).toBeCloseTo(ratio, 12);
    expect(found.repaired!.rule.flipped).toBe(flips);
  });

  test('where every layer flips more than a tenth, all stays whole', () => {
    expect(diagnose(cells([11, 30], [0, 0]))).toMatchObject({ layer: 1, repair: 'everything', repaired: undefined });
    expect(diagnose(cells([10, 30], [0, 0]))!.repair).toBe('tokens');
  });

  test('nothing is critical where nothing flips', () => {
    expect(diagnose(cells([0, 0], [0, 0]))).toBeUndefined();
  });
});

test('each lane writes what it says, layer by layer', () => {
  const texts = allWritten(4).map(laneOf);
  expect(new Set(texts).size).toBe(15 + 16);
  const bits = (written: Written) => {
    const { spec, problems } = parseLane(laneOf(written));
    expect(problems).toEqual([]);
    const { codec } = makePlan(spec);
    return [0, 1, 2, 3].map((layer) => {
      const at = { layer, layers: 4, kvHead: 0, headDim: 32 };
      // Per number, of 256 keys: what a scale costs is less than 16 bits.
      return codec!.pending(256, 'keys', at) ? Math.floor((codec!.bytes(256, at).keys * 8) / (256 * 32)) : 16;
    });
  };
  expect(bits({ scaling: 'channel', bits: 4 })).toEqual([4, 4, 4, 4]);
  expect(bits({ scaling: 'tensor', bits: 3, layer: 2, part: 'only' })).toEqual([16, 16, 3, 16]);
  expect(bits({ scaling: 'tensor', bits: 3, layer: 0, part: 'others' })).toEqual([16, 3, 3, 3]);
  expect(laneOf({ scaling: 'channel', bits: 3, layer: 1, part: 'mixed' })).toBe(
    'per-layer(per-token(bits=3,symmetric=true),per-layer(per-channel(bits=3,group=256,symmetric=true),per-token(bits=3,symmetric=true)),first=1)',
  );
});

describe('on the model', () => {
  const engine = engineOf();

  test('of each text a rule and a fact are asked', () => {
    const asked = [...askedOfBoth(engine, 3, 4_000_000)];
    expect(asked.map(({ behaviour }) => behaviour)).toEqual(['rule', 'fact', 'rule', 'fact', 'rule', 'fact']);
    for (const { behaviour, prompt } of asked) {
      expect(prompt.turns[0]!.expected!.join(' ') === 'secret').toBe(behaviour === 'rule');
      expect(prompt.textLength).toBe(256);
    }
  });

  test('2 bits on one scale flip nearly everything, and 8 bits nothing', () => {
    const [few, many] = flipsOf(
      engine,
      [
        { scaling: 'tensor', bits: 2 },
        { scaling: 'tensor', bits: 8 },
      ],
      4,
      4_000_000,
    );
    expect(few!.fact.flipped).toBeGreaterThan(2);
    expect(few!.kl).toBeGreaterThan(1);
    expect([many!.rule.flipped, many!.fact.flipped, many!.rule.of, many!.fact.of]).toEqual([0, 0, 4, 4]);
    expect(many!.kl).toBeLessThan(1e-4);
  });
});
