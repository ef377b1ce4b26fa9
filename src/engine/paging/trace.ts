import { BlockManager } from './block-manager.ts';
import type { PoolEvent } from './events.ts';
import { hashChain } from './hash-chain.ts';
import { BlockPool, type FreedEnd } from './pool.ts';
import { noPrefixCache, type Keys, type Token } from './prefix-cache.ts';

export type Op =
  | ({ readonly op: 'add'; readonly request: string; readonly tokens: readonly Token[] } & Keys)
  | { readonly op: 'append'; readonly request: string; readonly tokens: readonly Token[] }
  | { readonly op: 'fork'; readonly request: string; readonly from: string }
  | { readonly op: 'done'; readonly request: string };

/** What requests do to a pool, in the words of vLLM. */
export interface Trace {
  readonly block_size: number;
  readonly n_blocks: number;
  readonly null_block_reserved: boolean;
  readonly freed_unhashed_blocks_go_to: FreedEnd;
  readonly ops: readonly Op[];
}

/** The pool after one operation. Keys of objects are block numbers; blocks that nobody holds, and blocks without a hash, are left out. */
export interface State {
  /** For `add` the tokens found in the cache, for `append` the blocks taken; null for the rest, and for what was refused. */
  readonly result: number | null;
  readonly free_queue: readonly number[];
  readonly ref: Readonly<Record<number, number>>;
  readonly tables: Readonly<Record<string, readonly number[]>>;
  readonly cached: Readonly<Record<number, string>>;
  /** Blocks that this operation took although their hash was still known, in order. */
  readonly evicted: readonly number[];
}

export interface Step {
  readonly state: State;
  readonly events: readonly PoolEvent[];
}

/** A pool with a block manager that writes down what each of its operations did. */
export class Recorder {
  readonly manager: BlockManager;
  #events: PoolEvent[] = [];

  /** @param shared whether beginnings are found again */
  constructor(options: Omit<Trace, 'ops'>, shared = true) {
    const emit = (event: PoolEvent) => this.#events.push(event);
    const { n_blocks, block_size, null_block_reserved: nullBlock, freed_unhashed_blocks_go_to: unhashedTo } = options;
    const pool = new BlockPool(n_blocks, { nullBlock, unhashedTo, emit });
    const cache = shared ? hashChain(pool, block_size) : noPrefixCache(pool);
    this.manager = new BlockManager(pool, block_size, cache, emit);
  }

  act(operation: (manager: BlockManager) => number | undefined | void): Step {
    this.#events = [];
    const result = operation(this.manager) ?? null;
    return { state: stateOf(this.manager, result, this.#events), events: this.#events };
  }
}

/** Runs a trace, operation by operation. @throws Error when an operation names a request that never was, or one that is there already */
export function* replay(trace: Trace): Generator<Step, void> {
  const recorder = new Recorder(trace);
  const refused = new Set<string>();
  for (const [i, op] of trace.ops.entries()) {
    const wrong = complaint(recorder.manager, refused, op);
    if (wrong !== undefined) throw new Error(`ops[${i}]: ${wrong}`);
    yield recorder.act((manager) => perform(manager, refused, op));
  }
}

function complaint(manager: BlockManager, refused: ReadonlySet<string>, op: Op): string | undefined {
  const known = (name: string) => manager.requests.has(name) || refused.has(name);
  const name = op.op === 'fork' ? op.from : op.request;
  if (op.op !== 'add' && !known(name)) return `there is no request "${name}"`;
  if ((op.op === 'add' || op.op === 'fork') && manager.requests.has(op.request))
    return `request "${op.request}" is there already`;
  return undefined;
}

/** A trace cannot know which of its requests will be refused, so what it does with one later is refused as well. */
function perform(manager: BlockManager, refused: Set<string>, op: Op): number | undefined {
  const absent = op.op === 'fork' ? refused.has(op.from) : op.op !== 'add' && refused.has(op.request);
  if (absent) {
    if (op.op === 'fork') refused.add(op.request);
    if (op.op === 'done') refused.delete(op.request);
    return undefined;
  }
  if (op.op === 'append') return manager.append(op.request, op.tokens);
  if (op.op === 'done') manager.done(op.request);
  if (op.op === 'fork') manager.fork(op.request, op.from);
  if (op.op !== 'add') return undefined;
  const found = manager.add(op.request, op.tokens, op);
  if (found === undefined) refused.add(op.request);
  else refused.delete(op.request);
  return found;
}

function stateOf({ pool, requests }: BlockManager, result: number | null, events: readonly PoolEvent[]): State {
  const blocks = Array.from({ length: pool.size }, (_, block) => block);
  return {
    result,
    free_queue: pool.queue,
    ref: Object.fromEntries(blocks.map((b) => [b, pool.references(b)] as const).filter(([, count]) => count)),
    tables: Object.fromEntries([...requests].map(([name, request]) => [name, [...request.blocks]])),
    cached: Object.fromEntries(blocks.flatMap((b) => (pool.hash(b) === undefined ? [] : [[b, pool.hash(b)!]]))),
    evicted: events.flatMap((event) => (event.type === 'evict' ? [event.block] : [])),
  };
}
