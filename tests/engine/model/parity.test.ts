import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { KVCache } from '../../../src/engine/cache/kv-cache.ts';
import type { Model } from '../../../src/engine/model/model.ts';
import { readSafetensors } from '../../../src/engine/model/safetensors.ts';
import { file, implementations, largestDifference, modelOf, type Implementation } from '../harbour.ts';

const golden = readSafetensors(readFileSync(new URL('../../golden/logits.safetensors', import.meta.url)));
const numbers = (name: string) => golden.tensors.get(name)!;
const prompts = Array.from({ length: golden.tensors.size / 2 }, (_, n) => ({
  n,
  tokens: [...numbers(`tokens.${n}`).data],
  expected: numbers(`logits.${n}`),
}));

function read(model: Model, cache: KVCache, tokens: readonly number[]): Float32Array {
  cache.append(tokens.length);
  return model.forward([{ cache, tokens }])[0]!;
}

/** The logits of the last four positions: the prompt but for its last three tokens in one go, then those one by one. */
function lastFour(model: Model, cache: KVCache, tokens: readonly number[]): Float32Array[] {
  cache.clear();
  return [read(model, cache, tokens.slice(0, -3)), ...tokens.slice(-3).map((token) => read(model, cache, [token]))];
}

const stale = golden.metadata['weights_sha256'] !== createHash('sha256').update(file.weights).digest('hex');

test('the golden logits are those of the shipped weights', () => {
  expect(
    stale,
    'tests/golden/logits.safetensors belongs to other weights, and nothing was compared with PyTorch: run npm run reference',
  ).toBe(false);
});

test('there are nine prompts of 40 to more than 1,024 tokens, some with words that the model does not know', () => {
  const lengths = prompts.map(({ tokens }) => tokens.length);
  expect(lengths).toHaveLength(9);
  expect([...lengths].sort((a, b) => a - b)).toEqual(lengths);
  expect([lengths[0]! <= 48, lengths[8]! > 1024]).toEqual([true, true]);
  expect(prompts.filter(({ tokens }) => tokens.some((id) => id >= 3 && id < 67)).length).toBeGreaterThanOrEqual(3);
});

describe.each(Object.keys(implementations) as Implementation[])('%s', (name) => {
  const { model, caches } = modelOf(name, 8);
  const [cache] = caches as [KVCache];

  // PyTorch sums in another order: agreement is close, never exact.
  test.skipIf(stale).each(prompts)('agrees with PyTorch on prompt $n', ({ tokens, expected: { shape, data } }) => {
    expect(shape).toEqual([4, model.config.vocabulary]);
    const logits = lastFour(model, cache, tokens);
    const off = logits.map((row, i) => largestDifference(row, data.subarray(i * row.length, (i + 1) * row.length)));
    expect(Math.max(...off), `largest differences at the last four positions: ${off}`).toBeLessThan(1e-3);
  });

  // Every row is summed on its own, whatever else is in the pass: the site may batch as it likes and shows the same numbers.
  test('reading one by one, in passes of 64 or all at once is the same to the last bit', () => {
    const { tokens } = prompts[3]!;
    const whole = read(model, (cache.clear(), cache), tokens);
    cache.clear();
    const single = tokens.map((token) => read(model, cache, [token])).at(-1)!;
    cache.clear();
    const parts = [tokens.slice(0, 7), tokens.slice(7, 71), tokens.slice(71)]
      .map((part) => read(model, cache, part))
      .at(-1)!;
    expect([...single]).toEqual([...whole]);
    expect([...parts]).toEqual([...whole]);
  });

  test('lanes read together say what each says alone, whatever their order and length', () => {
    const readings = prompts.slice(0, 4).map(({ tokens }, i) => ({ cache: caches[i + 1]!, tokens }));
    const alone = readings.map(({ tokens }) => read(model, (cache.clear(), cache), tokens));
    for (const order of [
      [0, 1, 2, 3],
      [3, 1, 0, 2],
    ]) {
      for (const lane of readings) lane.cache.clear();
      for (const { cache: lane, tokens } of readings) lane.append(tokens.length);
      const together = model.forward(order.map((i) => readings[i]!));
      order.forEach((i, at) => expect([...together[at]!]).toEqual([...alone[i]!]));
    }
  });

  test('a lane forked from another goes on as if it had read all itself', () => {
    const { tokens } = prompts[2]!;
    cache.clear();
    read(model, cache, tokens.slice(0, 50));
    const forks = caches.slice(1, 4);
    for (const fork of forks) fork.fork(cache);
    for (const fork of forks) fork.append(tokens.length - 50 + 1);
    const logits = model.forward(forks.map((fork, i) => ({ cache: fork, tokens: [...tokens.slice(50), tokens[i]!] })));
    logits.forEach((row, i) =>
      expect([...row]).toEqual([...read(model, (cache.clear(), cache), [...tokens, tokens[i]!])]),
    );
    for (const fork of forks) fork.clear();
  });

  test('counts every multiply-accumulate', () => {
    const { layers, hidden, inner, heads, kvHeads, headDim, vocabulary } = model.config;
    cache.clear();
    const before = model.work;
    const meters = [{ work: 0 }, { work: 7 }];
    cache.append(10);
    model.forward([{ cache, tokens: prompts[0]!.tokens.slice(0, 10), meter: meters[0] }]);
    const matrices = layers * (hidden * headDim * (2 * heads + 2 * kvHeads) + 3 * hidden * inner);
    // Row i looks at i + 1 tokens, with every query head, once for the product with keys and once for that with values. In the last layer only the last row
    // does, and goes on from there.
    const spared = hidden * headDim * heads + 3 * hidden * inner;
    const ten = 10 * matrices - 9 * spared + hidden * vocabulary + heads * 2 * headDim * ((layers - 1) * 55 + 10);
    expect(model.work - before).toBe(ten);
    expect(meters[0]!.work).toBe(ten);
    // In a pass with others each lane pays for itself: one more token looks at 11.
    const [other] = caches.slice(1) as [KVCache];
    other.clear();
    for (const [lane, count] of [
      [cache, 1],
      [other, 10],
    ] as const)
      lane.append(count);
    model.forward([
      { cache, tokens: [5], meter: meters[1] },
      { cache: other, tokens: prompts[0]!.tokens.slice(0, 10), meter: meters[0] },
    ]);
    const one = matrices + hidden * vocabulary + layers * heads * 2 * headDim * 11;
    expect([meters[0]!.work, meters[1]!.work]).toEqual([2 * ten, 7 + one]);
    expect(model.work - before).toBe(2 * ten + one);
  });
});

test('plain and SIMD kernels agree to a ten-thousandth', () => {
  const [simd, plain] = (['simd', 'plain'] as const).map((name) => modelOf(name, 1));
  const { tokens } = prompts[4]!;
  const off = largestDifference(
    read(simd!.model, simd!.caches[0]!, tokens),
    read(plain!.model, plain!.caches[0]!, tokens),
  );
  expect(off).toBeLessThan(1e-4);
});
