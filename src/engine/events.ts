/**
 * What happens in a lane, in order. All but `missed`, `answer` and `tick` are emitted by the cache, at the moment when it acts; a lane emits those three.
 * Folding events gives the state at any tick (timeline.ts).
 *
 * Heads of one layer are given in lists of KV heads. Sets of tokens are bitmasks over the lane's text. Lists of numbers are unsigned: a page that is built
 * with a run in it can hold those, and not signed ones.
 */
export type Event =
  /** Tokens [from, to) come into every head, into consecutive slots from `slot` on. */
  | { readonly type: 'append'; readonly from: number; readonly to: number; readonly slot: number }
  /** The same, as rows copied from another cache. */
  | { readonly type: 'splice'; readonly from: number; readonly to: number; readonly slot: number }
  /** The first tokens come with blocks that another prefix had computed. */
  | { readonly type: 'adopt'; readonly to: number }
  /** A layer's heads keep these tokens and no others. */
  | { readonly type: 'retain'; readonly layer: number; readonly held: readonly Uint8Array[] }
  /** Values of tokens that leave are folded into tokens that stay: from, into, from, into, ... */
  | { readonly type: 'merge'; readonly layer: number; readonly pairs: readonly Uint32Array[] }
  /** Keys are turned to new positions: token, position, token, position, ... of each head, or all of them to 0, 1, 2, ... where nothing is listed. */
  | { readonly type: 'rotate'; readonly layer: number; readonly turned?: readonly Uint32Array[] }
  /** The given entries of each head are written with fewer bits. */
  | { readonly type: 'encode'; readonly layer: number; readonly parts: readonly Encoding[] }
  /** Entries move to other slots: from, to, from, to, ..., in the order of the copies. */
  | { readonly type: 'copy'; readonly layer: number; readonly moves: readonly Uint32Array[] }
  /** Entries of each head are carried to the other memory: token, slot there, token, slot there, ..., in the order in which they go. */
  | { readonly type: 'move'; readonly layer: number; readonly to: Tier; readonly moves: readonly Uint32Array[] }
  /** Bytes that are stored beside the entries of each head, so that they can be found; `host`: of them in the host's memory, where there are any. */
  | {
      readonly type: 'index';
      readonly layer: number;
      readonly bytes: readonly number[];
      readonly host?: readonly number[];
    }
  /** Tokens from `to` on are forgotten. */
  | { readonly type: 'truncate'; readonly to: number }
  /** A block of the lane's table is taken from the pool or given back; `block` is its number in the pool. */
  | { readonly type: 'allocate'; readonly index: number; readonly block: number }
  | { readonly type: 'free'; readonly index: number; readonly block: number }
  /** What the newest token's queries would have looked at with everything near: how much of that was, and what was not. */
  | { readonly type: 'missed'; readonly recall: number; readonly missed: Missed }
  | { readonly type: 'answer'; readonly token: number; readonly word: string; readonly attention: Attention }
  | { readonly type: 'tick'; readonly phase: Phase };

export interface Encoding {
  readonly kvHead: number;
  readonly side: 'keys' | 'values';
  /** Entries of the head, counted from its oldest. */
  readonly from: number;
  readonly to: number;
  readonly bits: number;
  /** Bytes of scales and the like for each of them. */
  readonly overhead: number;
  /** Bytes that each took on its way over a network, where it came over one. They are not held, and in no count of memory. */
  readonly wire?: number;
}

/** The two memories: a pass reads what is on the device, and the host keeps what waits. */
export type Tier = 'device' | 'host';

/** Tokens that were wanted and not near, with the attention that they would have had, averaged over the heads. */
export interface Missed {
  readonly positions: readonly number[];
  readonly weights: readonly number[];
}

export type Emit = (event: Event) => void;

export type Phase = 'read' | 'compress' | 'ask' | 'answer';

/** Where an answer came from: how hard each position was looked at, over layers and heads, where it can be seen at all. */
export interface Attention {
  readonly positions: readonly number[];
  readonly weights: readonly number[];
  /** [layers * kvHeads][positions read], 255 = all of a head's attention; left out where no figure can ask for it. */
  readonly heads?: Uint8Array;
}

export const bitmask = (positions: ArrayLike<number>, length: number): Uint8Array => {
  const mask = new Uint8Array(Math.ceil(length / 8));
  for (let i = 0; i < positions.length; i++) mask[positions[i]! >> 3]! |= 1 << (positions[i]! & 7);
  return mask;
};

export const isSet = (mask: Uint8Array, position: number) => ((mask[position >> 3] ?? 0) >> (position & 7)) & 1;
