import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLane, scoreOf } from '../../../src/engine/lane-spec.ts';
import { makeScorer, makeSelector } from '../../../src/engine/plan.ts';
import { layerOf, randomTensors, type Sizes } from '../eviction/layers.ts';
import { adakv, knorm, pyramid, snapkv, topk } from './kvpress.ts';
import { listed } from './layers.ts';

/** What a budget keeps of one layer, and what it goes by. */
function ours(text: string, layer: ReturnType<typeof layerOf>, ratio: number) {
  const { spec } = parseLane(text);
  const selector = makeSelector(spec, makeScorer(scoreOf(spec)));
  const mean = layer.seq * (1 - ratio);
  const budgets = selector.perLayer?.(mean, [layer]) ?? [mean];
  const scores = selector.scorer.score(layer, budgets[0]!);
  return listed(selector.select([scores], budgets, [layer]))[0];
}

const cases = fc
  .record({
    seed: fc.nat(),
    seq: fc.integer({ min: 12, max: 60 }),
    kvHeads: fc.integer({ min: 1, max: 4 }),
    group: fc.integer({ min: 1, max: 2 }),
    ratio: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    window: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ seed, seq, kvHeads, group, ...rest }) => {
    const sizes: Sizes = { seq, kvHeads, heads: kvHeads * group, headDim: 8 };
    const { keys, attentions } = randomTensors(seed, sizes);
    // A trace has 32 bits: both must see the same numbers.
    return { ...rest, sizes, keys, attentions: attentions.map((rows) => rows.map((row) => row.map(Math.fround))) };
  });

describe('agrees with another implementation, on random tensors', () => {
  test('adakv', () => {
    const safeguard = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
    let ragged = 0;
    fc.assert(
      fc.property(cases, safeguard, ({ sizes, keys, attentions, ratio, window }, alpha) => {
        const layer = layerOf({ keys, attentions });
        const norms = adakv(knorm(keys), ratio, alpha);
        expect(ours(`adakv(knorm,safeguard=${alpha})`, layer, ratio)).toEqual(norms);
        ragged += Number(new Set(norms.map(({ length }) => length)).size > 1);
        const votes = adakv(snapkv(attentions, window, sizes), ratio, alpha);
        expect(ours(`adakv(snapkv(window=${window}),safeguard=${alpha})`, layer, ratio)).toEqual(votes);
      }),
      { numRuns: 100 },
    );
    expect(ragged).toBeGreaterThan(20);
  });

  test('pyramid, in all branches of its rule', () => {
    const place = fc.integer({ min: 2, max: 8 }).chain((depth) => fc.tuple(fc.nat(depth - 1), fc.constant(depth)));
    const beta = fc.integer({ min: 2, max: 80 }).map((halves) => halves / 2);
    let [even, falling] = [0, 0];
    fc.assert(
      fc.property(cases, beta, place, ({ sizes, keys, attentions, ratio, window }, steep, [l, depth]) => {
        const layer = layerOf({ keys, attentions }, { layer: String(l), layers: String(depth) });
        const votes = snapkv(attentions, window, sizes);
        const wide = pyramid(sizes.seq, ratio, steep, window, l, depth);
        expect(ours(`pyramid(snapkv(window=${window}),beta=${steep})`, layer, ratio)).toEqual(
          votes.map((row) => topk(row, wide)),
        );
        const bare = pyramid(sizes.seq, ratio, steep, 0, l, depth);
        expect(ours(`pyramid(knorm,beta=${steep})`, layer, ratio)).toEqual(knorm(keys).map((row) => topk(row, bare)));
        const counts = [wide, bare].map((count) => Math.abs(count - sizes.seq * (1 - ratio)) < 1);
        even += Number(counts[0]);
        falling += Number(!counts[1]);
      }),
      { numRuns: 200 },
    );
    expect(even).toBeGreaterThan(20);
    expect(falling).toBeGreaterThan(20);
  });
});

interface Golden {
  readonly cases: readonly (Sizes & { readonly seed: number })[];
  /** Which tensors, what chooses, the part that is removed, and for each head a number whose bits say what stays, the first token first. */
  readonly kept: readonly (readonly [number, string, number, ...string[]])[];
}
const golden = JSON.parse(readFileSync('tests/golden/kept.json', 'utf8')) as Golden;

test.for(golden.kept)('keeps what kvpress 0.5.5 kept: tensors %i, %s, %d removed', ([seed, spec, ratio, ...heads]) => {
  const sizes = golden.cases.find((one) => one.seed === seed)!;
  const { attentions, ...rest } = randomTensors(seed, sizes);
  const layer = layerOf({ ...rest, attentions: attentions.map((rows) => rows.map((row) => row.map(Math.fround))) });
  const bits = heads.map((head) => BigInt(`0x${head}`).toString(2).padStart(sizes.seq, '0'));
  const kept = bits.map((row) => [...row].flatMap((bit, j) => (bit === '1' ? [j] : [])));
  expect(ours(spec, layer, ratio)).toEqual(kept);
});
