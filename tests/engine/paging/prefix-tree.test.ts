import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockManager } from '../../../src/engine/paging/block-manager.ts';
import { hashChain } from '../../../src/engine/paging/hash-chain.ts';
import { BlockPool } from '../../../src/engine/paging/pool.ts';
import { PrefixTree, type TreeEvent, type TreeNode } from '../../../src/engine/paging/prefix-tree.ts';
import type { Token } from '../../../src/engine/paging/prefix-cache.ts';

const words = (text: string) => text.split(' ');

function treeOf(blocks: number, blockSize = 1) {
  const events: TreeEvent[] = [];
  const pool = new BlockPool(blocks);
  const tree = new PrefixTree(pool, blockSize, (event) => events.push(event));
  const manager = new BlockManager(pool, blockSize, tree);
  /** A request that comes and goes. @returns the tokens that it found */
  const ask = (tokens: readonly Token[]) => {
    const found = manager.add('one', tokens);
    if (found !== undefined) manager.done('one');
    return found;
  };
  return { pool, tree, manager, events, ask };
}

/** The tree as nested lists of spans. */
type Outline = [string, ...Outline[]];
const outline = ({ tokens, children }: TreeNode): Outline => [tokens.join(' '), ...[...children.values()].map(outline)];
const drawn = (tree: PrefixTree) => tree.roots.map(outline);

describe('grows', () => {
  test('texts share the path that they begin with; a node is split where two part', () => {
    const { tree, ask, events } = treeOf(40);
    expect(ask(words('you are kind . hello'))).toBe(0);
    expect(drawn(tree)).toEqual([['', ['you are kind . hello']]]);
    expect(ask(words('you are kind . goodbye now'))).toBe(4);
    expect(drawn(tree)).toEqual([['', ['you are kind .', ['hello'], ['goodbye now']]]]);
    expect(ask(words('you are late'))).toBe(2);
    expect(drawn(tree)).toEqual([['', ['you are', ['kind .', ['hello'], ['goodbye now']], ['late']]]]);
    expect(events.filter(({ type }) => type === 'split').length).toBe(2);
  });

  test('a text goes on in a node of its own, and the last token is always computed again', () => {
    const { tree, ask } = treeOf(40);
    ask(words('a b c'));
    expect(ask(words('a b c'))).toBe(2);
    expect(ask(words('a b c d e'))).toBe(3);
    expect(drawn(tree)).toEqual([['', ['a b', ['c', ['d e']]]]]);
  });

  test('an answer lengthens the node of the request that writes it', () => {
    const { tree, manager, ask } = treeOf(40);
    manager.add('one', words('a b'));
    manager.append('one', ['c']);
    manager.append('one', words('d e'));
    manager.done('one');
    expect(drawn(tree)).toEqual([['', ['a b c d e']]]);
    expect(ask(words('a b c d x'))).toBe(4);
  });

  test('nodes begin and end with blocks', () => {
    const { tree, ask } = treeOf(40, 2);
    ask(words('a b c d e'));
    expect(ask(words('a b c x y z'))).toBe(2);
    expect(drawn(tree)).toEqual([['', ['a b', ['c d'], ['c x y z']]]]);
  });

  test('texts with different keys have trees of their own', () => {
    const { tree, manager } = treeOf(40);
    manager.add('one', words('a b'), { salt: 'x' });
    expect(manager.add('two', words('a b'), { salt: 'y' })).toBe(0);
    expect(manager.add('three', words('a b'), { salt: 'x' })).toBe(1);
    expect(tree.roots.length).toBe(2);
  });
});

describe('when memory is short', () => {
  // Ten blocks: 3 + 3 for the first two texts and 1 for "q" leave three. Four are needed, so a leaf must go: "c" has rested longest.
  test('the leaf goes that was used longest ago, whole', () => {
    const { pool, tree, ask, events } = treeOf(10);
    ask(words('a b c'));
    ask(words('x y z'));
    ask(words('a b q'));
    expect(drawn(tree)).toEqual([['', ['a b', ['c'], ['q']], ['x y z']]]);
    expect(pool.free).toBe(3);
    ask(words('m n o p'));
    expect(events).toContainEqual({ type: 'drop', node: 3, tokens: ['c'] });
    expect(drawn(tree)).toEqual([['', ['a b', ['q']], ['x y z'], ['m n o p']]]);
    ask(words('r s'));
    expect(drawn(tree)).toEqual([['', ['a b', ['q']], ['m n o p'], ['r s']]]);
  });

  test('what a request holds stays, and a request that cannot fit changes no block', () => {
    const { pool, tree, manager, ask } = treeOf(6);
    ask(words('x y'));
    manager.add('held', words('a b'));
    expect(manager.add('large', words('m n o p q'))).toBeUndefined();
    expect(drawn(tree)).toEqual([['', ['x y'], ['a b']]]);
    expect(manager.add('fits', words('m n o p'))).toBe(0);
    expect([drawn(tree), pool.free]).toEqual([[['', ['a b'], ['m n o p']]], 0]);
  });

  // "x y" is all that could go, but the request begins with it.
  test('what a request has found does not go to make room for its rest', () => {
    const { manager, ask } = treeOf(4);
    ask(words('x y'));
    expect(manager.add('one', words('x y a b c'))).toBeUndefined();
    expect(manager.add('two', words('x y a b'))).toBe(2);
  });
});

/** Requests that begin alike, in a few tokens, each with an answer in pieces. */
const requests = fc.array(
  fc.record({
    tokens: fc.array(fc.constantFrom([0, 0, 0], [0, 1], [1]), { minLength: 1, maxLength: 8 }).map((all) => all.flat()),
    answer: fc.array(fc.array(fc.nat(1), { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
    stays: fc.boolean(),
  }),
  { maxLength: 12 },
);

test('any requests: the hash chain and the tree find the same', () => {
  let hits = 0;
  fc.assert(
    fc.property(requests, fc.constantFrom(1, 2, 3, 4), (all, blockSize) => {
      const found = [hashChain, (pool: BlockPool, size: number) => new PrefixTree(pool, size)].map((make) => {
        const pool = new BlockPool(2000);
        const manager = new BlockManager(pool, blockSize, make(pool, blockSize));
        return all.map(({ tokens, answer, stays }, i) => {
          const result = manager.add(String(i), tokens);
          for (const piece of answer) manager.append(String(i), piece);
          if (!stays) manager.done(String(i));
          return result;
        });
      });
      expect(found[1]).toEqual(found[0]);
      hits += found[0]!.filter(Boolean).length;
    }),
    { numRuns: 1000, seed: 5 },
  );
  expect(hits).toBeGreaterThan(1000);
});

test('any requests in a small pool: no block is lost, and each is held by the tree once at most', () => {
  let dropped = 0;
  fc.assert(
    fc.property(requests, fc.constantFrom(1, 2, 3), (all, blockSize) => {
      const { pool, tree, manager, events } = treeOf(14, blockSize);
      all.forEach(({ tokens, answer, stays }, i) => {
        if (manager.add(String(i), tokens) === undefined) return;
        for (const piece of answer) manager.append(String(i), piece);
        if (!stays) manager.done(String(i));
        const filed = tree.roots.flatMap(function below(node: TreeNode): number[] {
          expect(node.tokens.length).toBe(node.blocks.length * blockSize);
          return [...node.blocks, ...[...node.children.values()].flatMap(below)];
        });
        expect(new Set(filed).size).toBe(filed.length);
        const owners = new Map<number, number>();
        for (const block of [...filed, ...[...manager.requests.values()].flatMap(({ blocks }) => blocks)])
          owners.set(block, (owners.get(block) ?? 0) + 1);
        for (let block = 0; block < pool.size; block++) expect(pool.references(block)).toBe(owners.get(block) ?? 0);
        expect(pool.free).toBe(pool.size - owners.size);
      });
      dropped += events.filter(({ type }) => type === 'drop').length;
    }),
    { numRuns: 500, seed: 6 },
  );
  expect(dropped).toBeGreaterThan(100);
});
