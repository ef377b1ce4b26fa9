/**
 * Scores of kvpress 0.5.5 (NVIDIA/kvpress) and of R-KV's own code (Zefan-Cai/R-KV at d15c976) on one random Llama attention layer: 4 query heads, 2 KV heads
 * of 4 channels, 21 tokens, RoPE theta 100. The file holds the layer's tensors, and for each rule its presses' scores under the rule's name here. Where
 * kvpress draws a random sketch, it was given ours.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { traceLayer } from '../../../src/engine/eviction/trace.ts';
import { termOf } from '../../../src/engine/lane-spec.ts';
import { readSafetensors } from '../../../src/engine/model/safetensors.ts';
import { makeScorer } from '../../../src/engine/plan.ts';

const golden = readSafetensors(readFileSync(new URL('../../golden/kvpress.safetensors', import.meta.url)));
const specs = [...golden.tensors.keys()].filter((name) => name.startsWith('scores: ')).map((name) => name.slice(8));
const without = (...names: string[]) =>
  traceLayer({ ...golden, tensors: new Map([...golden.tensors].filter(([name]) => !names.includes(name))) });

/** Half of 21 tokens, not cut off: Compactor weighs by the share that is dropped. */
const budget = 10.5;

function expectScores(spec: string, layer = without()) {
  const scores = makeScorer(termOf(spec)).score(layer, budget);
  const { data, shape } = golden.tensors.get(`scores: ${spec}`)!;
  expect([scores.length, scores[0]!.length]).toEqual(shape);
  // A z-score may be nearly zero, and then its last digits are noise of 32-bit sums: what is small is held to a thousandth of the largest.
  const floor = 1e-3 * data.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
  scores.forEach((row, head) =>
    row.forEach((score, j) => {
      const theirs = data[head * shape[1]! + j]!;
      const apart = Math.abs(score - theirs) / Math.max(floor, Math.abs(theirs));
      expect(apart, `head ${head}, entry ${j}: ${score} and ${theirs}`).toBeLessThan(1e-4);
    }),
  );
}

test('there are scores of each rule that has a reference', () => {
  expect(new Set(specs.map((spec) => spec.split('(')[0])).size).toBe(12);
});

test.each(specs)('%s scores as its reference does', (spec) => expectScores(spec));

describe('what a trace lacks follows from the rest', () => {
  test.each(specs.filter((spec) => !/observed|finch/.test(spec)))('%s without tensors before RoPE', (spec) =>
    expectScores(spec, without('queries_prerope', 'keys_prerope', 'attentions')),
  );

  test.each(specs.filter((spec) => /noncausal|compactor/.test(spec)))('%s without queries after RoPE', (spec) =>
    expectScores(spec, without('queries', 'attentions')),
  );

  test('the frequencies, from theta', () => {
    expectScores('expected-attention', without('inv_freq'));
    expectScores('capkv', without('inv_freq', 'queries_prerope'));
  });
});
