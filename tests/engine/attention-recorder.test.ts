import { describe, expect, test } from 'vitest';
import { AttentionRecorder } from '../../src/engine/attention-recorder.ts';
import { KVCache } from '../../src/engine/cache/kv-cache.ts';
import { Store } from '../../src/engine/cache/store.ts';
import { plain } from '../../src/engine/kernels/plain.ts';
import type { Config } from '../../src/engine/model/config.ts';
import { Rope } from '../../src/engine/model/rope.ts';
import { range } from './facts.ts';
import { compare, engineOf, shortPrompt } from './harbour.ts';

/** One layer; `heads` query heads on two KV heads. */
const cacheOf = (heads: number, tokens: number): KVCache => {
  const config: Config = {
    id: 'tiny',
    hidden: 8,
    layers: 1,
    heads,
    kvHeads: 2,
    headDim: 4,
    inner: 8,
    vocabulary: 8,
    ropeTheta: 100,
    eps: 1e-5,
    bos: 0,
    stop: 1,
  };
  const cache = new KVCache(new Store(config, plain().heap, new Rope(4, 100)));
  cache.append(tokens);
  return cache;
};

describe('by hand', () => {
  // Two heads: 0.3 and 0.4 on position 0 give the root of (0.09 + 0.16) / 2; 0.05 alone gives the root of 0.00125, which is below 0.04.
  test('over heads it is the root of the mean square, and what is faint is left out', () => {
    const recorder = new AttentionRecorder(cacheOf(2, 3));
    recorder.record(0, 0, Float32Array.of(0.3, 0.05, 1), 3, undefined);
    recorder.record(0, 1, Float32Array.of(0.4, 0, 0), 3, undefined);
    expect(recorder.summary()).toEqual({
      positions: [0, 2],
      weights: [0.3536, 0.7071],
      heads: Uint8Array.of(77, 13, 255, 102, 0, 0),
    });
  });

  // Head 0 of three tokens: (0.5 + 0.1) / 2, (0.25 + 0.3) / 2, (0.25 + 0.6) / 2.
  test('query heads that share a KV head are averaged', () => {
    const recorder = new AttentionRecorder(cacheOf(4, 3));
    recorder.record(0, 0, Float32Array.of(0.5, 0.25, 0.25, 0.1, 0.3, 0.6), 3, undefined);
    recorder.record(0, 1, Float32Array.of(1, 0, 0, 0, 0, 1), 3, undefined);
    const expected = [0.3, 0.275, 0.425, 0.5, 0, 0.5];
    recorder.looks.forEach((look, at) => expect(look).toBeCloseTo(expected[at]!, 6));
  });

  // Head 0 holds the tokens 1, 4 and 5, of which the first and the last entry are read; head 1 holds 0 and 5.
  test('stands at the tokens that a head holds, and says which of them were read', () => {
    const cache = cacheOf(2, 6);
    cache.retain(0, [Int32Array.of(1, 4, 5), Int32Array.of(0, 5)]);
    const recorder = new AttentionRecorder(cache);
    recorder.record(0, 0, Float32Array.of(0.25, 0.75), 2, Int32Array.of(0, 2));
    recorder.record(0, 1, Float32Array.of(1, 0), 2, undefined);
    expect(recorder.length).toBe(6);
    expect([...recorder.looks]).toEqual([0, 0.25, 0, 0, 0, 0.75, 1, 0, 0, 0, 0, 0]);
    expect([...recorder.read]).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1]);
  });
});

// Each query head's attention adds up to 1, and so does the mean of those that share a KV head.
test('in a run, all of it lands on what is held, and on what was read of it', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(5, 'later', { turns: 2 }));
  const lanes = ['full', 'adakv(h2o)', 'tova+every(n=2)+rerotate', 'quest(top=1)', 'kivi'];
  for (const run of compare(engine, prepared, lanes, 0.3)) {
    let [read, held] = [0, 0];
    for (const { looked } of run.turns.flatMap(({ steps }) => steps)) {
      const { length, looks, read: marks } = looked!;
      range(16).forEach((head) => {
        const row = looks.subarray(head * length, (head + 1) * length);
        const seen = marks.subarray(head * length, (head + 1) * length);
        expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
        expect(row.every((look, i) => look === 0 || seen[i] === 1)).toBe(true);
        // The newest token always sees itself.
        expect(seen.at(-1)).toBe(1);
        read += seen.reduce((a, b) => a + b, 0);
        held += length;
      });
    }
    // Quest holds everything and reads a part; those that drop read a part as well; the others read everything.
    expect(read === held, run.lane).toBe(['full', 'kivi'].includes(run.lane));
  }
  engine.release(prepared);
});
