import type { KVCache } from '../cache/kv-cache.ts';
import type { Member } from '../member.ts';
import type { HeadShape } from '../quantization/types.ts';
import type { SettingTable, Settings } from '../settings.ts';

/** "What is read at this step, and from where?" One for each lane, as it may remember. */
export interface Retriever {
  /** Before a pass: the newest entries of the cache have no keys yet. */
  beforeStep?(cache: KVCache): void;
  /**
   * Inside the pass, for one token and KV head.
   * @param query [group, headDim] after RoPE
   * @param count entries of the head that the token may see
   * @returns ascending entries that are read; all where it is undefined
   */
  attend?(layer: number, kvHead: number, query: Float32Array, cache: KVCache, count: number): Int32Array | undefined;
  /** A copy for a lane that was forked from this one. */
  fork(): Retriever;
  /** Bytes that it stores beside `count` entries of one head. */
  bytes(count: number, at: HeadShape): number;
}

export interface RetrievalMember<T extends SettingTable = SettingTable> extends Member<T> {
  readonly role: 'retrieval';
  make(settings: Settings<T>): Retriever;
}

export const defineRetrieval = <const T extends SettingTable>(
  retrieval: Omit<RetrievalMember<T>, 'role'>,
): RetrievalMember<T> => ({ ...retrieval, role: 'retrieval' });
