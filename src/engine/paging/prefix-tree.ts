import type { BlockPool } from './pool.ts';
import type { Keys, PrefixCache, Request, Token } from './prefix-cache.ts';

/** A span of tokens that texts go on with, and the blocks that hold it. */
export interface TreeNode {
  readonly id: number;
  readonly parent: TreeNode | undefined;
  readonly tokens: readonly Token[];
  readonly blocks: readonly number[];
  readonly children: ReadonlyMap<string, TreeNode>;
  /** When it was last walked over: the clock of the tree. */
  readonly used: number;
}

interface Node extends TreeNode {
  parent: Node | undefined;
  tokens: Token[];
  blocks: number[];
  children: Map<string, Node>;
  used: number;
  /** Who computed it: what it computes next goes on in this node. */
  writer: Request | undefined;
}

export type TreeEvent =
  /** A lookup ends here, having found this many blocks. */
  | { readonly type: 'match'; readonly node: number; readonly blocks: number }
  /** Two texts part inside a node: what follows the parting becomes its child. */
  | { readonly type: 'split'; readonly node: number; readonly child: number }
  | { readonly type: 'insert'; readonly node: number; readonly blocks: readonly number[] }
  /** A leaf is dropped, and its blocks are free. */
  | { readonly type: 'drop'; readonly node: number; readonly tokens: readonly Token[] };

/**
 * RadixAttention's tree (SGLang, arXiv 2312.07104): each path from the root is a text that has been computed, and texts share the part of the path that
 * they begin with. The tree holds its blocks itself, so they outlive their request. When memory is short the leaf goes that was walked over longest ago,
 * whole, unless a request still holds it.
 *
 * Nodes begin and end with blocks, as in SGLang with pages of more than one token. SGLang files an answer when its request ends; here a block is filed as
 * soon as it is full, as vLLM does, so that both find the same.
 */
export class PrefixTree implements PrefixCache {
  readonly #pool: BlockPool;
  readonly #blockSize: number;
  readonly #emit: ((event: TreeEvent) => void) | undefined;
  /** One tree for all texts with the same keys. */
  readonly #roots = new Map<string, Node>();
  #clock = 0;
  #nodes = 0;

  constructor(pool: BlockPool, blockSize: number, emit?: (event: TreeEvent) => void) {
    this.#pool = pool;
    this.#blockSize = blockSize;
    this.#emit = emit;
  }

  get roots(): readonly TreeNode[] {
    return [...this.#roots.values()];
  }

  lookup(tokens: readonly Token[], keys: Keys): number[] {
    const { node, blocks } = this.#walk(tokens, this.#root(keys));
    this.#emit?.({ type: 'match', node: node.id, blocks: blocks.length });
    return blocks;
  }

  enter(request: Request): void {
    const { tokens, blocks, keys } = request;
    const full = Math.floor(tokens.length / this.#blockSize);
    const text = tokens.slice(0, full * this.#blockSize);
    const { node, blocks: known } = this.#walk(text, this.#root(keys));
    if (known.length === full) return;
    const added = blocks.slice(known.length, full);
    for (const block of added) this.#pool.share(block);
    this.#grow(node, request, text.slice(known.length * this.#blockSize), added);
  }

  room(hits: readonly number[]): number {
    const held = new Set(hits);
    const spare = (node: Node): { blocks: number; all: boolean } => {
      const below = [...node.children.values()].map(spare);
      const blocks = below.reduce((sum, child) => sum + child.blocks, 0);
      const all = below.every((child) => child.all) && this.#alone(node) && !node.blocks.some((b) => held.has(b));
      return { blocks: blocks + (all ? node.blocks.length : 0), all };
    };
    return [...this.#roots.values()].reduce((sum, root) => sum + spare(root).blocks, this.#pool.free);
  }

  makeRoom(blocks: number): void {
    for (let freed = 0; freed < blocks;) {
      const leaves = this.#leaves().filter((leaf) => this.#alone(leaf));
      const oldest = leaves.reduce((a, b) => (b.used < a.used ? b : a));
      freed += oldest.blocks.length;
      this.#drop(oldest);
    }
  }

  #alone = (node: Node) => node.blocks.every((block) => this.#pool.references(block) === 1);

  #root(keys: Keys): Node {
    const key = JSON.stringify([keys.extra ?? '', keys.salt ?? '']);
    let root = this.#roots.get(key);
    if (!root) this.#roots.set(key, (root = this.#node(undefined, [], [])));
    return root;
  }

  #node(parent: Node | undefined, tokens: Token[], blocks: number[]): Node {
    return { id: this.#nodes++, parent, tokens, blocks, children: new Map(), used: this.#clock, writer: undefined };
  }

  /** Children of a node differ in their first block. */
  #key = (tokens: readonly Token[], block = 0) =>
    JSON.stringify(tokens.slice(block * this.#blockSize, (block + 1) * this.#blockSize));

  /** Follows the tree along whole blocks of a text, and splits the node in which they part. */
  #walk(tokens: readonly Token[], root: Node): { node: Node; blocks: number[] } {
    const full = Math.floor(tokens.length / this.#blockSize);
    const blocks: number[] = [];
    let node = root;
    root.used = ++this.#clock;
    while (blocks.length < full) {
      const child = node.children.get(this.#key(tokens, blocks.length));
      if (!child) break;
      let common = 1;
      while (
        common < child.blocks.length &&
        blocks.length + common < full &&
        this.#key(child.tokens, common) === this.#key(tokens, blocks.length + common)
      )
        common++;
      if (common < child.blocks.length) this.#split(child, common);
      child.used = this.#clock;
      blocks.push(...child.blocks);
      node = child;
    }
    return { node, blocks };
  }

  #split(node: Node, at: number): void {
    const cut = at * this.#blockSize;
    const below = this.#node(node, node.tokens.slice(cut), node.blocks.slice(at));
    below.used = node.used;
    below.writer = node.writer;
    node.writer = undefined;
    below.children = node.children;
    for (const child of below.children.values()) child.parent = below;
    node.tokens = node.tokens.slice(0, cut);
    node.blocks = node.blocks.slice(0, at);
    node.children = new Map([[this.#key(below.tokens), below]]);
    this.#emit?.({ type: 'split', node: node.id, child: below.id });
  }

  /** A request goes on in the leaf that it began; every other continuation is a branch. */
  #grow(node: Node, request: Request, tokens: Token[], blocks: number[]): void {
    const goesOn = node.writer === request && !node.children.size;
    const leaf = goesOn ? node : this.#node(node, [], []);
    leaf.tokens.push(...tokens);
    leaf.blocks.push(...blocks);
    leaf.writer = request;
    if (!goesOn) node.children.set(this.#key(tokens), leaf);
    this.#emit?.({ type: 'insert', node: leaf.id, blocks });
  }

  #leaves(): Node[] {
    const below = (node: Node): Node[] =>
      node.children.size ? [...node.children.values()].flatMap(below) : node.parent ? [node] : [];
    return [...this.#roots.values()].flatMap(below);
  }

  #drop(leaf: Node): void {
    leaf.parent!.children.delete(this.#key(leaf.tokens));
    for (const block of leaf.blocks.toReversed()) this.#pool.release(block);
    this.#emit?.({ type: 'drop', node: leaf.id, tokens: leaf.tokens });
  }
}
