import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { KVCache } from '../../src/engine/cache/kv-cache.ts';
import { answerFrom, answerOn } from '../../src/engine/answer-from.ts';
import { joined, readOn, readWhole, recompute } from '../../src/engine/recompute.ts';
import { largest } from '../../src/engine/measure/deviation.ts';
import { Tokenizer } from '../../src/engine/model/tokenizer.ts';
import { cutText } from '../../src/engine/world/cuts.ts';
import { editText } from '../../src/engine/world/edits.ts';
import { file, largestDifference, modelOf, shortPrompt } from './harbour.ts';

const { model } = modelOf('simd', 0);
const { config, store } = model;
const prompt = shortPrompt(3);
const tokens = prompt.tokens.slice(0, prompt.textLength);
/** The same text with another word at 20: what a server has cached when a word is corrected. */
const before = tokens.with(20, tokens[20]! + 1);
const asked = prompt.turns[0]!.tokens;

const caches: KVCache[] = [];
const held = (cache: KVCache) => {
  caches.push(cache);
  return cache;
};
afterEach(() => {
  for (const cache of caches.splice(0)) cache.release();
});

/** Keys and values of a token in all heads. */
const rowsOf = (cache: KVCache, token: number): number[] =>
  Array.from({ length: store.heads }, (_, head) => cache.row(head, token)).flatMap((row) => [
    ...store.key(row),
    ...store.value(row),
  ]);
const said = (cache: KVCache) => answerFrom(model, cache, asked).logits[0]!;
const apart = (a: KVCache, b: KVCache) => largestDifference(said(a), said(b));

describe('computing some tokens anew', () => {
  test('all of them: the full reading, to the last bit', () => {
    const all = held(recompute(model, tokens, held(readWhole(model, before)), () => true));
    expect(apart(all, held(readWhole(model, tokens)))).toBe(0);
  });

  test('none: what was kept, to the last bit', () => {
    const stale = held(readWhole(model, before));
    const none = held(recompute(model, tokens, stale, () => false));
    expect(apart(none, stale)).toBe(0);
    expect(apart(none, held(readWhole(model, tokens)))).toBeGreaterThan(0);
  });

  test('all from the corrected word on: the full reading, as nothing before it changes', () => {
    const later = held(recompute(model, tokens, held(readWhole(model, before)), (token) => token >= 20));
    expect(apart(later, held(readWhole(model, tokens)))).toBe(0);
  });

  test('the corrected word alone: its row is that of the full reading, and the others are the old ones', () => {
    const [stale, full] = [held(readWhole(model, before)), held(readWhole(model, tokens))];
    const field = held(recompute(model, tokens, stale, (token) => token === 20));
    expect(rowsOf(field, 20)).toEqual(rowsOf(full, 20));
    expect(rowsOf(field, 20)).not.toEqual(rowsOf(stale, 20));
    for (const token of [0, 19, 21, tokens.length - 1]) expect(rowsOf(field, token)).toEqual(rowsOf(stale, token));
  });

  test('any tokens of a text whose rows are right change no logit', () => {
    const right = held(readWhole(model, tokens));
    const logits = said(right);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(tokens.length - 1)), (chosen) => {
        const cache = recompute(model, tokens, right, (token) => chosen.includes(token));
        const off = largestDifference(said(cache), logits);
        cache.release();
        expect(off).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

test('an exact prefix that several branches share changes no logit', () => {
  const root = held(readWhole(model, tokens.slice(0, 96)));
  for (const rest of [tokens.slice(96), before.slice(60, 70), asked]) {
    const shared = held(new KVCache(store));
    shared.adopt(root, 96);
    const own = held(new KVCache(store));
    expect(largestDifference(readOn(model, shared, rest), readOn(model, own, [...tokens.slice(0, 96), ...rest]))).toBe(
      0,
    );
  }
});

describe('a part of a text that was read on its own', () => {
  const at = 70;
  const keys = (cache: KVCache, layer: number, token: number) =>
    Array.from({ length: config.kvHeads }, (_, i) => [
      ...store.key(cache.row(layer * config.kvHeads + i, token)),
    ]).flat();

  test('has the keys of the whole reading in the first layer once they are turned, and only then', () => {
    const whole = held(readWhole(model, tokens));
    const [turned, raw] = [held(joined(model, tokens, at)), held(joined(model, tokens, at, { turned: false }))];
    for (const token of [at, at + 9, tokens.length - 1]) {
      expect(largestDifference(keys(turned, 0, token), keys(whole, 0, token))).toBeLessThan(1e-4);
      expect(largestDifference(keys(raw, 0, token), keys(whole, 0, token))).toBeGreaterThan(0.1);
    }
    // Deeper layers know what they read, and this part read nothing of the other one.
    expect(largestDifference(keys(turned, 1, at), keys(whole, 1, at))).toBeGreaterThan(0.1);
  });

  test('all of it computed anew is the whole reading', () => {
    const all = held(recompute(model, tokens, held(joined(model, tokens, at)), (token) => token >= at));
    expect(apart(all, held(readWhole(model, tokens)))).toBe(0);
  });
});

/**
 * Worked out by transformers 5.2.0 in float32: the chosen rows in one pass, layer by layer, behind a cache of the kept ones, with a mask by position. The
 * engine goes from token to token. The four largest logits behind the question, on the shipped weights.
 */
describe('agrees with a recompute that goes layer by layer', () => {
  const hash = createHash('sha256').update(file.weights).digest('hex').slice(0, 16);
  const logits = (kept: KVCache, words: readonly string[], chosen: readonly number[], question: readonly string[]) => {
    const tokenizer = new Tokenizer(model.vocabulary);
    const cache = held(recompute(model, tokenizer.encode(words), kept, (token) => chosen.includes(token)));
    const row = answerFrom(model, cache, tokenizer.encode(question)).logits[0]!;
    return largest(row, 4).map((id) => [model.vocabulary.words[id]!, row[id]!] as const);
  };
  const read = (words: readonly string[]) => held(readWhole(model, new Tokenizer(model.vocabulary).encode(words)));
  const expectClose = (found: ReturnType<typeof logits>, expected: readonly (readonly [string, number])[]) => {
    expect(found.map(([word]) => word)).toEqual(expected.map(([word]) => word));
    found.forEach(([, logit], i) => expect(logit).toBeCloseTo(expected[i]![1], 3));
  };

  test('the numbers are those of the shipped weights', () => {
    expect(hash, 'the numbers below belong to other weights, and nothing was compared').toBe('3057cd1daec6a497');
  });

  test('a corrected word and three behind it', () => {
    const { before: old, after, at, question } = editText(1, 'code', 'name', 128);
    const found = logits(read(old), after, [at, at + 2, at + 3, at + 4], question);
    expectClose(found, [
      ['42', 20.1461],
      ['37', 11.2449],
      [':', 10.7452],
      ['83', 10.4635],
    ]);
  });

  test.each([
    [true, [16.7153, 15.5635, 11.1079, 9.969]],
    [false, [16.2957, 15.8398, 10.7415, 9.8359]],
  ])('five words of a chunk that was read elsewhere, its keys turned: %s', (turned, expected) => {
    const { words, at, question } = cutText(1, 'sentence', 128);
    const kept = held(joined(model, new Tokenizer(model.vocabulary).encode(words), at, { turned }));
    const found = logits(kept, words, [at, at + 1, at + 2, at + 20, at + 33], question);
    expectClose(
      found,
      ['garden', 'quarry', '17', 'mint'].map((word, i) => [word, expected[i]!]),
    );
  });
});

describe('an answer', () => {
  test('leaves the cache as it was, and is the same again', () => {
    const cache = held(readWhole(model, tokens));
    const [first, again] = [answerFrom(model, cache, asked), answerFrom(model, cache, asked)];
    expect(cache.length).toBe(tokens.length);
    expect(again.tokens).toEqual(first.tokens);
    expect(first.tokens.at(-1)).toBe(config.stop);
    expect(model.vocabulary.words[first.tokens[0]!]).toBe(prompt.turns[0]!.expected![0]);
  });

  test('that is prescribed is said, however unlikely', () => {
    const cache = held(readWhole(model, tokens));
    const { tokens: answer, logits } = answerOn(model, cache, asked, [70, 71, 72]);
    expect(answer).toEqual([70, 71, 72]);
    expect(logits).toHaveLength(3);
    // The last word is not read.
    expect(cache.length).toBe(tokens.length + asked.length + 2);
  });

  test('comes with the rows behind each layer, and those of the last say what is said', () => {
    const { states, logits } = answerFrom(model, held(readWhole(model, tokens)), asked);
    expect(states.map((rows) => rows.length)).toEqual(states.map(() => config.layers));
    states.forEach((rows, i) => {
      expect(largestDifference(model.lens(rows.at(-1)!), logits[i]!)).toBe(0);
      expect(largestDifference(model.lens(rows[0]!), logits[i]!)).toBeGreaterThan(1);
    });
  });
});
