import type { Codec } from '../quantization/types.ts';
import { roundTrip } from '../quantization/round-trip.ts';
import type { SettingValues } from '../settings.ts';
import type { LaneCache } from './lane-cache.ts';

/** Which of a head's held tokens, counted in position order, are encoded by now. */
export interface EncodedCounts {
  keys: number;
  values: number;
}

/**
 * Keeps a lane's cache encoded as its codec wants it. The rows hold what decoding gives back, so attention reads what a server's
 * kernel would; bytes are counted from the codes. Call `settle` whenever tokens were added or dropped.
 */
export class Encoder {
  readonly counts: EncodedCounts[];
  readonly #codec: Codec;
  readonly #settings: SettingValues;

  constructor(codec: Codec, settings: SettingValues, heads: number) {
    this.#codec = codec;
    this.#settings = settings;
    this.counts = Array.from({ length: heads }, () => ({ keys: 0, values: 0 }));
  }

  settle(cache: LaneCache): void {
    this.counts.forEach((counts, head) => {
      const total = cache.count(head);
      const keys = this.#codec.encodedKeys(total, this.#settings);
      const values = this.#codec.encodedValues(total, this.#settings);
      if (keys > counts.keys) this.#encode(cache, head, 'keys', counts.keys, keys);
      if (values > counts.values) this.#encode(cache, head, 'values', counts.values, values);
    });
  }

  #encode(cache: LaneCache, head: number, side: 'keys' | 'values', from: number, to: number): void {
    cache.ownAll();
    const { headDim } = cache.store.config;
    const rows = cache.store[side](head);
    const slots = cache.slots(head);
    const packed = new Float32Array((to - from) * headDim);
    for (let i = from; i < to; i++)
      packed.set(rows.subarray(slots[i]! * headDim, (slots[i]! + 1) * headDim), (i - from) * headDim);
    roundTrip(this.#codec, side, packed, headDim, this.#settings);
    for (let i = from; i < to; i++)
      rows.set(packed.subarray((i - from) * headDim, (i - from + 1) * headDim), slots[i]! * headDim);
    this.counts[head]![side] = to;
  }

  /** A copy for a lane that was forked from the one encoded here. */
  fork(): Encoder {
    const copy = new Encoder(this.#codec, this.#settings, this.counts.length);
    this.counts.forEach((counts, head) => Object.assign(copy.counts[head]!, counts));
    return copy;
  }
}
