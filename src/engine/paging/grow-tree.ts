import { BlockManager } from './block-manager.ts';
import { BlockPool } from './pool.ts';
import { PrefixTree, type TreeEvent, type TreeNode } from './prefix-tree.ts';
import type { SessionTurn } from './session-turns.ts';

/** A node as it stood after a turn. */
export interface DrawnNode {
  readonly id: number;
  readonly words: readonly string[];
  /** The turn began with it. */
  readonly found: boolean;
  /** The turn computed it. */
  readonly computed: boolean;
  /** When it was last walked over. */
  readonly used: number;
  readonly children: readonly DrawnNode[];
}

export interface TreeStep {
  readonly turn: SessionTurn;
  /** Tokens of the prompt that were there; undefined when there was no room for the turn. */
  readonly found: number | undefined;
  /** Tokens that went through the model: the rest of the prompt, and the answer. */
  readonly computed: number;
  readonly tree: readonly DrawnNode[];
  /** Spans that were dropped to make room, in order. */
  readonly dropped: readonly (readonly string[])[];
  readonly free: number;
}

/** Runs turns one after the other against one pool, and keeps what the tree looked like after each. */
export function growTree(turns: readonly SessionTurn[], blocks: number, blockSize: number): TreeStep[] {
  let events: TreeEvent[] = [];
  const pool = new BlockPool(blocks);
  const tree = new PrefixTree(pool, blockSize, (event) => events.push(event));
  const manager = new BlockManager(pool, blockSize, tree);
  return turns.map((turn) => {
    events = [];
    const found = manager.add('turn', turn.prompt);
    const hits = new Set(found === undefined ? [] : manager.requests.get('turn')!.blocks.slice(0, found / blockSize));
    const written = found === undefined ? undefined : manager.append('turn', turn.answer);
    if (found !== undefined) manager.done('turn');
    const fresh = new Set(events.flatMap((event) => (event.type === 'insert' ? event.blocks : [])));
    return {
      turn,
      found,
      computed: found === undefined ? 0 : turn.prompt.length - found + (written === undefined ? 0 : turn.answer.length),
      tree: tree.roots.flatMap(({ children }) => [...children.values()].map((node) => draw(node, hits, fresh))),
      dropped: events.flatMap((event) => (event.type === 'drop' ? [event.tokens.map(String)] : [])),
      free: pool.free,
    };
  });
}

const draw = (node: TreeNode, hits: ReadonlySet<number>, fresh: ReadonlySet<number>): DrawnNode => ({
  id: node.id,
  words: node.tokens.map(String),
  found: node.blocks.every((block) => hits.has(block)),
  computed: node.blocks.every((block) => fresh.has(block)),
  used: node.used,
  children: [...node.children.values()].map((child) => draw(child, hits, fresh)),
});
