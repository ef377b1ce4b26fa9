import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockHashes, PrefixIndex } from '../../../src/engine/paging/prefix-index.ts';

/** Tokens from, from + 1, ... */
const run = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe('the hash chain', () => {
  test('has one hash for each full block, and none for what is left over', () => {
    expect([0, 15, 16, 31, 32, 50].map((count) => blockHashes(run(0, count)).length)).toEqual([0, 0, 1, 1, 2, 3]);
  });

  test('depends on all tokens up to the end of the block, and on nothing behind it', () => {
    const whole = blockHashes(run(100, 64));
    expect(blockHashes(run(100, 40))).toEqual(whole.slice(0, 2));
    for (let at = 0; at < 64; at++) {
      const other = blockHashes(run(100, 64).with(at, 7));
      const block = Math.floor(at / 16);
      expect(other.slice(0, block)).toEqual(whole.slice(0, block));
      for (let i = block; i < 4; i++) expect(other[i]).not.toBe(whole[i]);
    }
  });

  // FNV-1a over sixteen zeros: from the offset basis on, sixteen times (hash ^ 0) * 0x01000193 mod 2^32.
  test('begins as FNV-1a does', () => {
    let hash = 0x811c9dc5n;
    for (let i = 0; i < 16; i++) hash = (hash * 0x01000193n) % 2n ** 32n;
    expect(blockHashes(new Array<number>(16).fill(0))[0]!.split('-')[0]).toBe(hash.toString(16));
  });

  // Two tokens change places, a block moves, zeros are added: what sums and weak hashes do not see.
  test('sees order, place and zeros', () => {
    const zeros = (count: number) => new Array<number>(count).fill(0);
    const texts = [
      run(0, 32),
      [1, 0, ...run(2, 30)],
      [...run(16, 16), ...run(0, 16)],
      [...run(0, 16), ...run(0, 16)],
      zeros(32),
      [1, ...zeros(31)],
      [...zeros(31), 1],
    ];
    expect(new Set(texts.map((text) => blockHashes(text)[1])).size).toBe(texts.length);
    expect(new Set(blockHashes(zeros(16 * 100))).size).toBe(100);
  });
});

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

  // Hashes are only asked first: tokens that are not whole numbers of 32 bits share one, as 2^32 is 0 there, and are told apart all the same.
  test('a hash that two texts share does not make one the other', () => {
    const [zero, beyond] = [new Array<number>(32).fill(0), [...new Array<number>(31).fill(0), 2 ** 32]];
    expect(blockHashes(beyond)).toEqual(blockHashes(zero));
    expect(indexOf(['a', zero]).lookup([...beyond, 1])).toEqual({ holder: 'a', tokens: 16 });
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
