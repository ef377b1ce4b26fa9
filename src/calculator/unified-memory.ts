import type { CacheType } from './cache-types.ts';
import { layerBytes, stateBytes } from './size.ts';
import type { Part } from './types.ts';

/** How llama-server is started on a machine whose GPU has no memory of its own. Sizes are in bytes. */
export interface Setup {
  readonly memory: number;
  /** Size of the file of weights. */
  readonly weights: number;
  /** -c: tokens of all slots together. */
  readonly tokens: number;
  /** -np */
  readonly slots: number;
  /** -ctk and -ctv */
  readonly keys: CacheType;
  readonly values: CacheType;
  /** -ctxcp: checkpoints that a slot may have. */
  readonly checkpoints: number;
  /** -cram: the most that prompts which are not running may take. */
  readonly promptCache: number;
  /** Compute buffers, as the log tells them. */
  readonly buffers: number;
  /** What the system and other programs take. */
  readonly system: number;
  /** iogpu.wired_limit_mb; 0 leaves it to macOS. */
  readonly wiredLimit: number;
}

export interface Pool {
  readonly name: string;
  readonly bytes: number;
  /** Whether Metal holds it wired while it is in use; the rest can be compressed or paged out. */
  readonly wired: boolean;
  /** The switch that moves it. */
  readonly flag: string;
}

export interface Bar {
  readonly pools: readonly Pool[];
  readonly wired: number;
  readonly total: number;
}

/** llama.cpp rounds cells up to multiples of this. */
const cellStep = 256;
/** -ub: tokens that are read at once, and that a window needs beside itself. */
const microBatch = 512;

const padded = (cells: number) => Math.ceil(cells / cellStep) * cellStep;

/** Cells of a layer with a window (ggml-org/llama.cpp, llama-kv-cache-iswa.cpp; one buffer for all slots). */
const windowCells = (window: number, { tokens, slots }: Setup) =>
  padded(Math.min(padded(tokens), window * slots + microBatch));

const isWindow = (part: Part): part is Extract<Part, { kind: 'heads' }> =>
  part.kind === 'heads' && part.window !== undefined;

const sum = (parts: readonly Part[], bytes: (part: Part) => number) =>
  parts.reduce((total, part) => total + bytes(part), 0);

/** Keys and values of the active cache: allocated whole when the server starts, however long the first prompt is. */
export const activeBytes = (parts: readonly Part[], setup: Setup): number =>
  sum(parts, (part) => {
    const cells = isWindow(part) ? windowCells(part.window!, setup) : padded(setup.tokens);
    return part.layers * cells * layerBytes(part, setup.keys, setup.values);
  });

/** One checkpoint: what cannot be cut back to an earlier token, which are states and windows. A model that keeps all tokens needs none. */
export const checkpointBytes = (parts: readonly Part[], { keys, values }: Pick<Setup, 'keys' | 'values'>): number =>
  sum(
    parts,
    (part) => stateBytes(part) + (isWindow(part) ? part.layers * part.window! * layerBytes(part, keys, values) : 0),
  );

export function unifiedMemory(parts: readonly Part[], setup: Setup): Bar {
  const checkpoints = setup.slots * setup.checkpoints * checkpointBytes(parts, setup);
  const pools: Pool[] = [
    { name: 'weights', bytes: setup.weights, wired: true, flag: 'the file' },
    { name: 'active cache', bytes: activeBytes(parts, setup), wired: true, flag: '-c, -ctk, -ctv' },
    { name: 'states', bytes: setup.slots * sum(parts, stateBytes), wired: true, flag: '-np' },
    { name: 'compute buffers', bytes: setup.buffers, wired: true, flag: '-ub, -fa' },
    { name: 'checkpoints', bytes: checkpoints, wired: false, flag: '-ctxcp, -np' },
    { name: 'prompt cache', bytes: setup.promptCache, wired: false, flag: '-cram' },
    { name: 'system', bytes: setup.system, wired: false, flag: 'other programs' },
  ];
  const total = (of: readonly Pool[]) => of.reduce((bytes, pool) => bytes + pool.bytes, 0);
  return {
    pools: pools.filter(({ name, bytes }) => bytes > 0 || name !== 'states'),
    wired: total(pools.filter(({ wired }) => wired)),
    total: total(pools),
  };
}
