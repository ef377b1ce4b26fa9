import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PrefixIndex } from '../../../src/engine/paging/prefix-index.ts';

/** Tokens from, from + 1, ... */
const run = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe('a prompt finds the blocks that an earlier one left', () => {
  const indexOf = (...prompts: (readonly [string, readonly number[]])[]) => {
    const index = new PrefixIndex<string>();
    for (const [holder, tokens] of prompts) index.register(tokens, holder);
    return index;
  };

  // 40 tokens are two full blocks and eight more; the two are found by whoever begins with the same 32.
  test('as many full blocks as the two begin with', () => {
    const index = indexOf(['a', run(0, 40)]);
    expect(index.lookup([...run(0, 36), 99])).toEqual({ holder: 'a', tokens: 32 });
    expect(index.lookup([...run(0, 31), 99, 98])).toEqual({ holder: 'a', tokens: 16 });
    expect(index.lookup([...run(0, 15), 99, 98])).toBeUndefined();
    expect(index.lookup([99, ...run(1, 40)])).toBeUndefined();
    // Also when the earlier prompt goes on longer.
    expect(index.lookup(run(0, 20))).toEqual({ holder: 'a', tokens: 16 });
  });

  // The logits after the last token are wanted, so that it must go through the model: of 32 known tokens one block is taken over, of 33 two.
  test('but the last token is always computed again', () => {
    const index = indexOf(['a', run(0, 64)]);
    expect([0, 1, 16, 17, 32, 33, 64].map((count) => index.lookup(run(0, count))?.tokens)).toEqual([
      undefined,
      undefined,
      undefined,
      16,
      16,
      32,
      48,
    ]);
  });

  test('an equal block behind another beginning is no hit', () => {
    const index = indexOf(['a', run(0, 48)]);
    expect(index.lookup([...run(500, 16), ...run(16, 32), 1])).toBeUndefined();
    expect(index.lookup([...run(16, 32), 1])).toBeUndefined();
    // Nor is what comes after a difference, though it is the same from there on.
    expect(index.lookup([...run(0, 16).with(3, 99), ...run(16, 32), 1])).toBeUndefined();
  });

  test('of several the one with most in common, and of equals who came first', () => {
    const index = indexOf(['a', run(0, 32)], ['b', [...run(0, 16), ...run(200, 48)]], ['c', run(0, 48)]);
    expect(index.lookup([...run(0, 48), 1])).toEqual({ holder: 'c', tokens: 48 });
    expect(index.lookup([...run(0, 32), 1])).toEqual({ holder: 'a', tokens: 32 });
    expect(index.lookup([...run(0, 16), ...run(200, 20)])).toEqual({ holder: 'b', tokens: 32 });
    expect(index.lookup([...run(0, 16), 1])).toEqual({ holder: 'a', tokens: 16 });
  });

  test('an empty index finds nothing, and a prompt shorter than a block leaves nothing', () => {
    expect(indexOf().lookup(run(0, 100))).toBeUndefined();
    expect(indexOf(['a', run(0, 15)]).lookup(run(0, 100))).toBeUndefined();
  });
});

test('any prompts: what is found is the longest common beginning, in whole blocks, without the last token', () => {
  // Few tokens, and beginnings that are shared, so that prompts have much in common.
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(run(0, 16), new Array<number>(16).fill(0)) },
    { weight: 1, arbitrary: fc.array(fc.nat(1), { maxLength: 20 }) },
  );
  const prompt = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.flat());
  const seen = new Map<number, number>();
  fc.assert(
    fc.property(fc.array(prompt, { maxLength: 6 }), prompt, (earlier, tokens) => {
      const index = new PrefixIndex<number>();
      earlier.forEach((each, holder) => index.register(each, holder));
      const common = earlier.map((each) => {
        let length = 0;
        while (length < Math.min(each.length, tokens.length - 1) && each[length] === tokens[length]) length++;
        return 16 * Math.floor(length / 16);
      });
      const most = Math.max(0, ...common);
      seen.set(most, (seen.get(most) ?? 0) + 1);
      expect(index.lookup(tokens)).toEqual(most ? { holder: common.indexOf(most), tokens: most } : undefined);
    }),
    { numRuns: 1000, seed: 3 },
  );
  for (const length of [0, 16, 32, 48]) expect(seen.get(length), `${length} tokens in common`).toBeGreaterThan(5);
});
