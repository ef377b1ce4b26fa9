import { encodeRange } from '../cache/encode.ts';
import type { KVCache } from '../cache/kv-cache.ts';
import { recordBits, recordCodec } from './record-codec.ts';
import { defineRetrieval, type Retriever, type Sight } from './types.ts';

/**
 * The newest tokens lie near and exact; each older one becomes a small record with the host. At every token each head searches its records and carries
 * those near that its query scores highest. Inspired by InfiniteKV, of which it is known that older tokens are searchable records of 104 bytes; what is in
 * them, how many are read, and how they are searched is not. All of that is ours: a record is a key and a value of one head in few bits, the score is the
 * product of the query and the key that the record gives back, and what was carried near is carried back at the next token.
 *
 * The exact window is what the budget leaves beside the records that are read; a budget below them lets a head read fewer.
 *
 * A text may be longer than any that the model was trained on. With a `span`, what a pass reads of it has places in so many positions: fetched keys are turned
 * to stand right before the window, in their order, and records are searched as if they all stood there. What comes behind the text adds to the span. That
 * InfiniteKV answers beyond the trained window is claimed; how it gives positions anew is not known, and this way is ours.
 */
export const records = defineRetrieval({
  name: 'records',
  caption: { name: 'Records', idea: 'old tokens are searched as small records' },
  source: 'ours, inspired by InfiniteKV',
  settings: {
    top: { kind: 'number', default: 16, min: 1, max: 256, step: 1, about: 'Records that a head reads for a token.' },
    bytes: {
      kind: 'number',
      default: 40,
      min: 8,
      max: 256,
      step: 4,
      about:
        'Bytes of a record at most, in each head: with heads 32 wide, 12 are signs, 24, 40 and 72 are 2, 4 and 8 bits.',
    },
    span: {
      kind: 'number',
      default: 0,
      min: 0,
      max: 4096,
      step: 16,
      about: 'Positions in which all has its place that is read of the text; 0 leaves everything where it stood.',
    },
  },
  detail: ({ bytes, span }) => (span ? `${bytes} bytes, ${span} positions` : `${bytes} bytes`),
  entry: 'infinitekv',
  make: ({ top, bytes, span }) => new Records(top, bytes, span, 0),
});

class Records implements Retriever {
  /** Records that a head reads for a token: what is set, or what the budget has room for. */
  #top: number;
  readonly #bytes: number;
  readonly #span: number;
  /** Tokens of the prompt that are records: the first so many. */
  #filed: number;

  constructor(top: number, bytes: number, span: number, filed: number) {
    this.#top = top;
    this.#bytes = bytes;
    this.#span = span;
    this.#filed = filed;
  }

  fork(): Records {
    return new Records(this.#top, this.#bytes, this.#span, this.#filed);
  }

  bytes(): number {
    return 0;
  }

  /** Files whatever does not fit into the window, once: later tokens lie near in every lane. */
  arrange(cache: KVCache, { room, prompt }: Sight): void {
    const { layers, kvHeads, headDim } = cache.store.config;
    const held = cache.columns.counts.reduce((sum, count) => sum + count, 0);
    const fits = held <= room && (!this.#span || prompt <= this.#span);
    if (this.#filed || cache.length > prompt || fits) return;
    const near = Math.min(Math.floor(room / cache.store.heads), this.#span || prompt);
    this.#top = Math.min(this.#top, near);
    this.#filed = prompt - (near - this.#top);
    const codec = recordCodec(recordBits(this.#bytes, headDim));
    for (let layer = 0; layer < layers; layer++) {
      const old = Array.from({ length: kvHeads }, (_, kvHead) => this.#old(cache, layer * kvHeads + kvHead));
      encodeRange(cache, codec, layer, old);
      cache.move(
        layer,
        'host',
        old.map((count) => Int32Array.from({ length: count }, (_, entry) => entry)),
      );
    }
    cache.reclaim();
  }

  /** How many of a head's entries are records. */
  #old(cache: KVCache, head: number): number {
    const at = cache.tokens(head).findIndex((token) => token >= this.#filed);
    return at < 0 ? cache.count(head) : at;
  }

  attend(layer: number, kvHead: number, query: Float32Array, cache: KVCache, count: number): Int32Array | undefined {
    const { kvHeads } = cache.store.config;
    const head = layer * kvHeads + kvHead;
    const filed = Math.min(count, this.#old(cache, head));
    if (!filed) return undefined;
    // Where fetched keys will stand: the middle of the places right before the window.
    const place = this.#span ? this.#filed - Math.ceil(this.#top / 2) : undefined;
    const scores = scoresOf(cache, head, query.slice(), filed, place);
    const wanted = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || b - a).slice(0, this.#top);
    const isWanted = new Set(wanted);
    const all = Array.from({ length: filed }, (_, entry) => entry);
    const only = (entries: number[]) =>
      Array.from({ length: kvHeads }, (_, other) => Int32Array.from(other === kvHead ? entries : []));
    cache.move(layer, 'host', only(all.filter((entry) => !isWanted.has(entry))));
    const fetched = all.filter((entry) => isWanted.has(entry));
    cache.move(layer, 'device', only(fetched));
    if (this.#span) cache.turn(layer, only(fetched.flatMap((entry, i) => [entry, this.#filed - fetched.length + i])));
    return undefined;
  }
}

/**
 * What each of a head's first entries scores with the best of the group's queries: [count].
 * @param place where keys are turned to before they are multiplied; as they stand where it is missing
 */
export function scoresOf(
  cache: KVCache,
  head: number,
  queries: Float32Array,
  count: number,
  place?: number,
): Float64Array {
  const { headDim } = cache.store.config;
  const positions = cache.positions(head);
  const key = new Float32Array(headDim);
  return Float64Array.from({ length: count }, (_, entry) => {
    key.set(cache.store.key(cache.row(head, entry)));
    if (place !== undefined) cache.store.rope.rotate(key, 0, 1, place - positions[entry]!);
    let best = -Infinity;
    for (let from = 0; from < queries.length; from += headDim) {
      let dot = 0;
      for (let c = 0; c < headDim; c++) dot += queries[from + c]! * key[c]!;
      best = Math.max(best, dot);
    }
    return best;
  });
}
