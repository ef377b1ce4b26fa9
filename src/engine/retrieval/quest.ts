import type { KVCache } from '../cache/kv-cache.ts';
import { defineRetrieval, type Retriever } from './types.ts';

/** The summary of a page: per channel the smallest and the largest number of its keys. */
interface Page {
  readonly low: Float32Array; // [headDim]
  readonly high: Float32Array; // [headDim]
}

/** A page that was summarised, and what its entries were then. */
interface Summary extends Page {
  readonly mark: string;
}

/**
 * Quest drops nothing and reads little: a page of keys is summarised by the range of each channel, which bounds what any of them can score, and a step
 * reads the pages with the highest bounds. Based on "Quest: Query-Aware Sparsity for Efficient Long-Context LLM Inference" (arXiv 2406.10774).
 *
 *     bound(page) = sum over channels of max(q_c low_c, q_c high_c) >= q . k for every key of the page
 *
 * Query heads that share a KV head read the same pages: those with the highest bound of any of them (ours). The first
 * `dense` layers read everything, as in the paper, and so does the newest page, which is not full yet. Reversible: nothing is lost, memory does not shrink.
 */
export const quest = defineRetrieval({
  name: 'quest',
  caption: { name: 'Quest', idea: 'the pages that may matter are read' },
  source: 'arXiv 2406.10774',
  settings: {
    top: {
      kind: 'number',
      default: 4,
      min: 1,
      max: 256,
      step: 1,
      about: 'Pages that a step reads, beside the newest.',
    },
    page: { kind: 'number', default: 16, min: 1, max: 64, step: 1, about: 'Tokens of a page.' },
    dense: {
      kind: 'number',
      default: 2,
      min: 0,
      max: 64,
      step: 1,
      about: 'Layers, from the bottom, that read everything.',
    },
  },
  detail: ({ top }) => `${top} pages`,
  make: ({ top, page, dense }) => new Quest(top, page, dense, []),
});

class Quest implements Retriever {
  readonly #top: number;
  readonly #size: number;
  readonly #dense: number;
  /** For each head its full pages, oldest first. */
  readonly #pages: Summary[][];

  constructor(top: number, size: number, dense: number, pages: Summary[][]) {
    this.#top = top;
    this.#size = size;
    this.#dense = dense;
    this.#pages = pages;
  }

  fork(): Quest {
    return new Quest(
      this.#top,
      this.#size,
      this.#dense,
      this.#pages.map((pages) => [...pages]),
    );
  }

  bytes(count: number, { layer, headDim }: { layer: number; headDim: number }): number {
    return layer < this.#dense ? 0 : Math.floor(count / this.#size) * 2 * headDim * 2;
  }

  /** A lane may have dropped, turned or encoded keys since the last pass: pages from the first changed one on are summarised anew. */
  beforeStep(cache: KVCache): void {
    this.#pages.forEach((pages, head) => {
      const holds = (at: number) => (at + 1) * this.#size < cache.count(head);
      const changed = pages.findIndex(({ mark }, at) => !holds(at) || mark !== this.#mark(cache, head, at));
      if (changed >= 0) pages.length = changed;
    });
  }

  /**
   * What tells whether a page still holds the same keys. Entries ascend by token and by position, and are encoded oldest first: where as many lie between
   * the same two ends, and as many of them are small, they are the same.
   */
  #mark({ columns }: KVCache, head: number, at: number): string {
    const from = head * columns.capacity + at * this.#size;
    const last = from + this.#size - 1;
    let bits = 0;
    for (let entry = from; entry <= last; entry++) bits += columns.keyBits[entry]!;
    return [columns.token[from], columns.token[last], columns.position[from], columns.position[last], bits].join();
  }

  attend(layer: number, kvHead: number, query: Float32Array, cache: KVCache, count: number): Int32Array | undefined {
    if (layer < this.#dense) return undefined;
    const head = layer * cache.store.config.kvHeads + kvHead;
    const pages = (this.#pages[head] ??= []);
    while ((pages.length + 1) * this.#size < count) pages.push(this.#summarise(cache, head, pages.length));
    if (pages.length <= this.#top) return undefined;
    const bounds = pages.map((page) => bound(query, page));
    const read = new Set([...bounds.keys()].sort((a, b) => bounds[b]! - bounds[a]! || a - b).slice(0, this.#top));
    const isRead = (entry: number) => entry >= pages.length * this.#size || read.has(Math.floor(entry / this.#size));
    return Int32Array.from({ length: count }, (_, entry) => entry).filter(isRead);
  }

  #summarise(cache: KVCache, head: number, at: number): Summary {
    const { headDim } = cache.store.config;
    const keys = Array.from({ length: this.#size }, (_, i) => cache.store.key(cache.row(head, at * this.#size + i)));
    return { ...rangeOf(keys, headDim), mark: this.#mark(cache, head, at) };
  }
}

/** The smallest and the largest number of each channel. */
export function rangeOf(keys: Iterable<Float32Array>, headDim: number): Page {
  const page = { low: new Float32Array(headDim).fill(Infinity), high: new Float32Array(headDim).fill(-Infinity) };
  for (const key of keys) {
    for (let c = 0; c < headDim; c++) {
      if (key[c]! < page.low[c]!) page.low[c] = key[c]!;
      if (key[c]! > page.high[c]!) page.high[c] = key[c]!;
    }
  }
  return page;
}

/** The most that any key of the page can score with any query of the group, before the scale. */
export function bound(queries: Float32Array, { low, high }: Page): number {
  const headDim = low.length;
  let most = -Infinity;
  for (let from = 0; from < queries.length; from += headDim) {
    let sum = 0;
    for (let c = 0; c < headDim; c++) sum += Math.max(queries[from + c]! * low[c]!, queries[from + c]! * high[c]!);
    if (sum > most) most = sum;
  }
  return most;
}
