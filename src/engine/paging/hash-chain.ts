import type { BlockPool } from './pool.ts';
import type { Keys, PrefixCache, Token } from './prefix-cache.ts';

/**
 * Hashes of a text's full blocks, each covering all tokens up to its end, so that equal tokens behind different ones differ:
 *
 *     h_i = H(h_(i-1), tokens of block i, extra keys)
 *
 * `extra` is a key of every block (a LoRA adapter, an image), `salt` of the first one alone, which is enough to keep tenants apart. As vLLM's automatic
 * prefix caching; H is 64 bits here, a cryptographic hash in a server that strangers share.
 */
export function extendChain(
  hashes: string[],
  tokens: readonly Token[],
  blockSize: number,
  { extra = '', salt = '' }: Keys = {},
): string[] {
  while ((hashes.length + 1) * blockSize <= tokens.length) {
    const start = hashes.length * blockSize;
    const content = tokens.slice(start, start + blockSize);
    hashes.push(digest(JSON.stringify([hashes.at(-1) ?? '', content, extra, start ? '' : salt])));
  }
  return hashes;
}

export const chainOf = (tokens: readonly Token[], blockSize: number, keys?: Keys): string[] =>
  extendChain([], tokens, blockSize, keys);

/** FNV-1a over 16-bit units, twice with different seeds and multipliers, as 16 hexadecimal digits. */
function digest(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul((b ^ unit) + i, 0x85ebca6b);
    b ^= b >>> 15;
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Finds beginnings of texts block by block, by their hashes. Freed blocks stay known until the pool hands them out. */
export const hashChain = (pool: BlockPool, blockSize: number): PrefixCache => ({
  lookup(tokens, keys) {
    const blocks = chainOf(tokens, blockSize, keys).map((hash) => pool.find(hash));
    const miss = blocks.indexOf(undefined);
    return (miss < 0 ? blocks : blocks.slice(0, miss)) as number[];
  },
  enter({ tokens, blocks, hashes, keys }, from) {
    extendChain(hashes, tokens, blockSize, keys);
    for (let i = from; i < hashes.length; i++) pool.register(blocks[i]!, hashes[i]!);
  },
  // A free block that is hit leaves the queue, so it cannot be taken as well.
  room: (hits) => pool.free - hits.filter((block) => !pool.references(block)).length,
});
