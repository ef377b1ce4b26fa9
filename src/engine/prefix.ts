import { KVCache } from './cache/kv-cache.ts';
import type { Event } from './events.ts';
import type { Repeat } from './layer-view.ts';
import type { Model } from './model/model.ts';
import { QueryLog } from './model/query-log.ts';
import { PrefixIndex } from './paging/prefix-index.ts';
import { blockSize } from './paging/pool.ts';
import { textOnly, type Prompt } from './prompt.ts';
import { repeatOf } from './repeat.ts';

/** The full cache of a prompt up to the moment of compression, from which every lane is forked. Read once, and given back when nobody needs it. */
export class Prefix {
  readonly model: Model;
  readonly cache: KVCache;
  /** The same, with whatever else is read before rules judge it: nothing of it is kept. */
  readonly judged: KVCache;
  /** What scoring rules look at. */
  readonly queries: QueryLog;
  readonly events: Event[] = [];
  /** Multiply-accumulates of reading it. */
  readonly work: number;
  /** Tokens that were not computed, as their blocks were there already. */
  readonly reused: number;
  /** Tokens whose blocks came from elsewhere, with the keys turned to their new place. */
  readonly spliced: number;
  readonly #tokens: readonly number[];
  #repeat: Repeat | undefined;

  constructor(
    model: Model,
    prompt: Pick<Prompt, 'tokens' | 'compressedAt' | 'judgedAt' | 'textLength' | 'splicedAt' | 'earlier'>,
  ) {
    this.model = model;
    this.cache = new KVCache(model.store, (event) => this.events.push(event));
    this.queries = new QueryLog(model.config, model.kernels.heap);
    const tokens = prompt.tokens.slice(0, prompt.compressedAt);
    this.#tokens = tokens;
    this.reused = prompt.earlier ? this.#adopt(prompt.earlier, tokens) : 0;
    const before = model.work;
    const cut = Math.min(prompt.splicedAt ?? tokens.length, tokens.length);
    this.#read(tokens.slice(this.reused, cut));
    // Only text comes from elsewhere: a question that is visible already is read where it stands, as it looks at all of the text.
    const end = Math.max(cut, Math.min(prompt.textLength, tokens.length));
    this.spliced = cut < end ? this.#splice(tokens.slice(cut, end)) : 0;
    this.#read(tokens.slice(end));
    this.judged = this.#peek(prompt.tokens.slice(tokens.length, prompt.judgedAt));
    this.work = model.work - before;
  }

  /** Reads tokens that have a vote and no place: on a fork, which is all that knows of them. */
  #peek(tokens: readonly number[]): KVCache {
    if (!tokens.length) return this.cache;
    const { model, queries } = this;
    const cache = new KVCache(model.store);
    cache.fork(this.cache);
    cache.append(tokens.length);
    queries.reserve(cache.length);
    model.forward([{ cache, tokens, queries }]);
    return cache;
  }

  /** Reads tokens block by block, as the clock tells it; the pass itself is one. */
  #read(tokens: readonly number[]): void {
    if (!tokens.length) return;
    for (let at = 0; at < tokens.length;) {
      const step = Math.min(tokens.length - at, blockSize - (this.cache.length % blockSize));
      this.cache.append(step);
      this.events.push({ type: 'tick', phase: 'read' });
      at += step;
    }
    this.queries.reserve(this.cache.length);
    this.model.forward([{ cache: this.cache, tokens, queries: this.queries }]);
  }

  /** Takes over the full blocks that an earlier request left in the pool. @returns tokens taken over */
  #adopt(earlier: readonly number[], tokens: readonly number[]): number {
    const before = new Prefix(this.model, textOnly(earlier));
    const index = new PrefixIndex<Prefix>();
    index.register(earlier, before);
    const hit = index.lookup(tokens);
    if (hit) {
      this.cache.adopt(hit.holder.cache, hit.tokens);
      this.queries.copy(hit.holder.queries, 0, hit.tokens);
      this.events.push({ type: 'tick', phase: 'read' });
    }
    before.release();
    return hit?.tokens ?? 0;
  }

  /** Reads a chunk on its own, behind a <bos> of its own, and splices its rows in. @returns its tokens */
  #splice(chunk: readonly number[]): number {
    const alone = new KVCache(this.model.store);
    const queries = new QueryLog(this.model.config, this.model.kernels.heap);
    alone.append(chunk.length + 1);
    queries.reserve(chunk.length + 1);
    this.model.forward([{ cache: alone, tokens: [this.model.config.bos, ...chunk], queries }]);
    const start = this.cache.length;
    this.cache.splice(alone, 1, chunk.length + 1);
    this.queries.reserve(this.cache.length);
    const { layers, heads } = this.model.config;
    for (let layer = 0; layer < layers; layer++) {
      for (let i = 0; i < chunk.length; i++) {
        this.queries.write(layer, start + i, queries.at(layer, i + 1));
        this.model.store.rope.rotate(this.model.kernels.heap.f32, this.queries.at(layer, start + i), heads, start - 1);
      }
    }
    alone.release();
    queries.release();
    this.events.push({ type: 'tick', phase: 'read' });
    return chunk.length;
  }

  /** What the model looks at when it reads the text once more, without its <bos>. The pass is made when somebody asks for the first time. */
  repeat(): Repeat {
    return (this.#repeat ??= repeatOf(this.model, this.cache, this.queries, this.#tokens.slice(1)));
  }

  /** Gives its memory back; its blocks stay with whoever shares them. */
  release(): void {
    if (this.judged !== this.cache) this.judged.release();
    this.cache.release();
    this.queries.release();
  }
}
