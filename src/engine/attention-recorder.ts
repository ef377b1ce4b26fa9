import type { KVCache } from './cache/kv-cache.ts';
import type { Attention } from './events.ts';
import type { Recorder } from './model/model.ts';

/** Attention below this is not marked in the text. */
const visible = 0.04;

/** Where one token's queries looked: for each head (layer * kvHeads + kvHead) and token the attention, averaged over the group. */
export class AttentionRecorder implements Recorder {
  /** Tokens of the lane's text at that time. */
  readonly length: number;
  /** [heads, length] */
  readonly looks: Float32Array;
  /** [heads, length]: 1 where a token was read, however little it was looked at. */
  readonly read: Uint8Array;
  readonly #cache: KVCache;
  readonly #group: number;
  readonly #kvHeads: number;

  constructor(cache: KVCache) {
    const { heads, kvHeads } = cache.store.config;
    this.length = cache.length;
    this.looks = new Float32Array(cache.store.heads * this.length);
    this.read = new Uint8Array(cache.store.heads * this.length);
    this.#cache = cache;
    this.#group = heads / kvHeads;
    this.#kvHeads = kvHeads;
  }

  record(layer: number, kvHead: number, probs: Float32Array, count: number, entries: Int32Array | undefined): void {
    const head = layer * this.#kvHeads + kvHead;
    const tokens = this.#cache.tokens(head);
    const base = head * this.length;
    const [looks, read, group] = [this.looks, this.read, this.#group];
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let at = i; at < group * count; at += count) sum += probs[at]!;
      const to = base + tokens[entries ? entries[i]! : i]!;
      looks[to] = sum / group;
      read[to] = 1;
    }
  }

  /** Over heads the root of the mean square: one head that looks hard at a word counts for more than sixteen that glance. */
  summary(): Attention {
    const { length, looks } = this;
    const count = looks.length / length;
    const squares = new Float32Array(length);
    const heads = new Uint8Array(looks.length);
    for (let at = 0, i = 0; at < looks.length; at++, i = i + 1 === length ? 0 : i + 1) {
      const p = looks[at]!;
      squares[i]! += (p * p) / count;
      heads[at] = Math.min(255, 255 * p + 0.5);
    }
    const positions: number[] = [];
    for (let i = 0; i < length; i++) if (squares[i]! >= visible * visible) positions.push(i);
    return { positions, weights: positions.map((i) => Math.round(Math.sqrt(squares[i]!) * 1e4) / 1e4), heads };
  }
}
