import type { KVCache } from '../cache/kv-cache.ts';
import type { Member } from '../member.ts';
import type { HeadShape } from '../quantization/types.ts';
import type { Chunks } from './chunks.ts';
import type { SettingTable, Settings } from '../settings.ts';

/** What a lane with two memories may look at when it arranges them. The newest token of the cache was read, and its queries are known. */
export interface Sight {
  /** Entries of the prompt's tokens, over all heads, that may lie near. */
  readonly room: number;
  /** Tokens of the prompt. Those behind them came with questions and answers, and lie near in every lane. */
  readonly prompt: number;
  /** Queries of a token that was read, after RoPE: [heads, headDim]. */
  query(layer: number, token: number): Float32Array;
  /** Attention of a token's queries to a head's entries, in both memories, averaged over the group: [entries]. */
  look(head: number, token: number): Float32Array;
  /** What the full cache pays to each token of the prompt at its next `steps` tokens, summed over heads: [prompt]. Undefined where nobody knows. */
  ahead(steps: number): Float64Array | undefined;
  /** What was learned of a layer's heads beforehand: [kvHeads, ...]. @throws Error where nobody learned it */
  learned(name: string, layer: number): Float32Array;
}

export interface Guess {
  readonly chunks: Chunks;
  /** [chunks], higher = nearer. */
  readonly scores: Float64Array;
  /** [chunks] 1 where it lies near. */
  readonly near: Uint8Array;
}

/** A text with questions and their answers behind it, all of it read with nothing away: what a way of fetching learns from. */
export interface Trace {
  readonly cache: KVCache;
  readonly sight: Pick<Sight, 'prompt' | 'query' | 'look'>;
}

export interface TraceLearning {
  /** Of the tensor in calibration.safetensors. */
  readonly name: string;
  /** @returns for each layer and KV head what it learned; all rows are of one length */
  from(traces: readonly Trace[]): readonly (readonly Float32Array[])[];
}

/** "What is read at this step, and from where?" One for each lane, as it may remember. */
export interface Retriever {
  /** What it would have near at this moment, and why: for a way of fetching that scores the same chunks for all layers and heads. */
  guess?(cache: KVCache, sight: Sight): Guess;
  /** Tokens that it lets pass between two arrangements; a question is read in pieces of so many. */
  readonly stride?: number;
  /** When the prompt was compressed, and then before each pass: carries entries from one memory to the other. */
  arrange?(cache: KVCache, sight: Sight): void;
  /** Before a pass: the newest entries of the cache have no keys yet. */
  beforeStep?(cache: KVCache): void;
  /** Inside the pass, one layer early: see Attending. */
  rehearse?(layer: number, queries: Float32Array, cache: KVCache): void;
  /**
   * Inside the pass, for one token and KV head.
   * @param query [group, headDim] after RoPE
   * @param count entries of the head that the token may see
   * @returns ascending entries that are read, all of them near; all that is near where it is undefined
   */
  attend?(layer: number, kvHead: number, query: Float32Array, cache: KVCache, count: number): Int32Array | undefined;
  /** A copy for a lane that was forked from this one. */
  fork(): Retriever;
  /** Bytes that it stores beside `count` entries of one head. */
  bytes(count: number, at: HeadShape): number;
  /** The same in the host's memory, which no budget bounds. */
  hostBytes?(count: number, at: HeadShape): number;
}

export interface RetrievalMember<T extends SettingTable = SettingTable> extends Member<T> {
  readonly role: 'retrieval';
  /** What it has to learn from a model before it can run there; `npm run calibrate` lets it. */
  readonly learns?: TraceLearning;
  make(settings: Settings<T>): Retriever;
}

export const defineRetrieval = <const T extends SettingTable>(
  retrieval: Omit<RetrievalMember<T>, 'role'>,
): RetrievalMember<T> => ({ ...retrieval, role: 'retrieval' });
