import { freedEnds, type FreedEnd } from '../engine/paging/pool.ts';
import { LinkCodec } from './codec.ts';
import { defaultsOf, number, numberOr, oneOf, type FieldsOf } from './fields.ts';

const seed = number(7, 0, 4294967295, 1);
const tick = numberOr('end', 4096);

/** What decides the picture of a pool that serves requests. */
export interface BlocksView {
  readonly seed: number;
  readonly blocks: number;
  /** Tokens of a block. */
  readonly size: number;
  readonly caching: 'on' | 'off';
  /** Where freed blocks without a hash go. */
  readonly freed: FreedEnd;
  /** Operations that have happened. */
  readonly tick: number | 'end';
}

export const blocksFields = {
  seed,
  blocks: number(36, 8, 96, 1),
  size: number(4, 1, 16, 1),
  caching: oneOf<BlocksView['caching']>('on', ['on', 'off']),
  freed: oneOf<FreedEnd>('tail', freedEnds),
  tick,
} as const satisfies FieldsOf<BlocksView>;

export const blocksView = defaultsOf<BlocksView>(blocksFields);

export const blocksLink = new LinkCodec<BlocksView>(blocksFields, { version: '1', onlyWhenChanged: [] });

/** What decides the picture of a prefix tree. */
export interface TreeView {
  readonly seed: number;
  /** Tokens that the pool has room for. */
  readonly room: number;
  /** Tokens of a block. */
  readonly size: number;
  /** Turns that have happened. */
  readonly tick: number | 'end';
}

export const treeFields = {
  seed,
  room: number(144, 64, 400, 1),
  size: number(1, 1, 16, 1),
  tick,
} as const satisfies FieldsOf<TreeView>;

export const treeView = defaultsOf<TreeView>(treeFields);

export const treeLink = new LinkCodec<TreeView>(treeFields, { version: '1', onlyWhenChanged: [] });

/** Where the figures stand before anybody plays them: in the middle of things. */
export const openingBlocks: Partial<BlocksView> = { tick: 34 };
export const openingTree: Partial<TreeView> = { tick: 9 };
