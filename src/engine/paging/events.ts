/** What happens to blocks, in order: the pool emits at the moment when it acts, the block manager adds what only it knows. */
export type PoolEvent =
  /** A block is taken from the head of the free queue. */
  | { readonly type: 'take'; readonly block: number }
  /** It still held what its hash promised, which is lost now. */
  | { readonly type: 'evict'; readonly block: number; readonly hash: string }
  /** One holder more. A block that was free has left the queue. */
  | { readonly type: 'share'; readonly block: number; readonly references: number }
  /** One holder less. */
  | { readonly type: 'release'; readonly block: number; readonly references: number }
  /** Nobody holds the block any more: it waits at one end of the queue. */
  | { readonly type: 'free'; readonly block: number; readonly end: 'front' | 'tail' }
  /** The block is full, and known by its hash from now on. */
  | { readonly type: 'register'; readonly block: number; readonly hash: string }
  /** A request writes into a block that others hold too, so it gets a copy. */
  | { readonly type: 'copy'; readonly from: number; readonly to: number }
  /** A request does not fit, and nothing has changed. */
  | { readonly type: 'refuse'; readonly blocks: number; readonly free: number };

export type EmitPool = (event: PoolEvent) => void;
