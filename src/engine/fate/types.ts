import type { KVCache } from '../cache/kv-cache.ts';
import type { LayerView } from '../eviction/types.ts';
import type { Member } from '../member.ts';
import type { SettingTable, Settings } from '../settings.ts';

/**
 * "What becomes of the rest?" What is not kept always leaves its head; a fate acts just before that, or just after. Fates chain: all that act before do
 * so in order, then the layer is cut, then all that act after do.
 */
export interface Fate {
  /**
   * @param kept for each KV head of the layer the entries that will stay, ascending
   * @param view of the layer as the rules saw it, with all that is there still
   */
  before?(cache: KVCache, layer: number, kept: readonly Int32Array[], view: LayerView): void;
  after?(cache: KVCache, layer: number): void;
  /** A copy for a lane that was forked; without it, the fate carries nothing. */
  fork?(): Fate;
}

export interface FateMember<T extends SettingTable = SettingTable> extends Member<T> {
  readonly role: 'fate';
  make(settings: Settings<T>): Fate;
}

export const defineFate = <const T extends SettingTable>(fate: Omit<FateMember<T>, 'role'>): FateMember<T> => ({
  ...fate,
  role: 'fate',
});
