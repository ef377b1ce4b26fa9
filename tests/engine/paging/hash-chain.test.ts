import { describe, expect, test } from 'vitest';
import { chainOf, extendChain } from '../../../src/engine/paging/hash-chain.ts';
import type { Keys, Token } from '../../../src/engine/paging/prefix-cache.ts';

/** Tokens from, from + 1, ... */
const run = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

const hashes = (tokens: readonly Token[], keys?: Keys) => chainOf(tokens, 16, keys);

describe('the hash chain', () => {
  test('has one hash for each full block, and none for what is left over', () => {
    expect([0, 15, 16, 31, 32, 50].map((count) => hashes(run(0, count)).length)).toEqual([0, 0, 1, 1, 2, 3]);
  });

  test('depends on all tokens up to the end of the block, and on nothing behind it', () => {
    const whole = hashes(run(100, 64));
    expect(hashes(run(100, 40))).toEqual(whole.slice(0, 2));
    for (let at = 0; at < 64; at++) {
      const other = hashes(run(100, 64).with(at, 7));
      const block = Math.floor(at / 16);
      expect(other.slice(0, block)).toEqual(whole.slice(0, block));
      for (let i = block; i < 4; i++) expect(other[i]).not.toBe(whole[i]);
    }
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
    expect(new Set(texts.map((text) => hashes(text)[1])).size).toBe(texts.length);
    expect(new Set(hashes(zeros(16 * 100))).size).toBe(100);
  });

  test('a salt parts two chains from the first block on, and so does a key of all blocks', () => {
    const text = run(0, 48);
    const plain = hashes(text);
    for (const keys of [{ salt: 'a' }, { extra: 'a' }, { salt: 'b' }, { extra: 'b' }, { salt: 'a', extra: 'a' }]) {
      const other = hashes(text, keys);
      for (let i = 0; i < 3; i++) expect(other[i]).not.toBe(plain[i]);
    }
    expect(new Set([{ salt: 'a' }, { extra: 'a' }].map((keys) => hashes(text, keys)[2])).size).toBe(2);
  });

  test('goes on where it stopped', () => {
    const chain = hashes(run(0, 40));
    expect(extendChain(chain, run(0, 70), 16)).toEqual(hashes(run(0, 70)));
    expect(chain.length).toBe(4);
  });

  test('a number and the word for it are two tokens', () => {
    expect(chainOf([1], 1)).not.toEqual(chainOf(['1'], 1));
    expect(chainOf(['a', 'b'], 2)).not.toEqual(chainOf(['a,b', ''], 2));
  });
});
