import type { Kept } from './budget/types.ts';
import { encodePending } from './cache/encode.ts';
import { KVCache } from './cache/kv-cache.ts';
import { choose, type ScoreMemo } from './choose.ts';
import type { Emit } from './events.ts';
import { CacheView, type Future } from './layer-view.ts';
import type { Reading } from './model/model.ts';
import { QueryLog } from './model/query-log.ts';
import { forkPlan, type Plan } from './plan.ts';
import type { Prefix } from './prefix.ts';
import { entriesWithin, fullBytes } from './room.ts';
import type { Clock } from './schedule/types.ts';

/** What lanes of one prompt share: what was read, what the answer will look at, and scores that hold for all of them. */
export interface Ground {
  readonly prefix: Prefix;
  readonly future: Future | undefined;
  readonly memo: ScoreMemo;
}

/** A method at work on its own copy of a prompt's cache. */
export class Lane {
  readonly cache: KVCache;
  readonly plan: Plan;
  readonly share: number;
  /** Multiply-accumulates of what it reads. */
  readonly meter = { work: 0 };
  /** What the first shrinking left, by entries of the prompt, which are its tokens. */
  kept: Kept | undefined;
  readonly #ground: Ground;
  /** Queries of what it read itself, behind those of the prompt. */
  readonly queries: QueryLog;
  /** Tokens read when it last shrank. */
  #shrunkAt: number;

  constructor(ground: Ground, plan: Plan, share: number, emit: Emit) {
    const { model, cache, queries } = ground.prefix;
    this.cache = new KVCache(model.store, emit);
    this.cache.fork(cache);
    this.plan = plan;
    this.share = share;
    this.#ground = ground;
    this.queries = new QueryLog(model.config, model.kernels.heap, queries, cache.length);
    this.#shrunkAt = cache.length;
  }

  get #prompt(): number {
    return this.#ground.prefix.cache.length;
  }

  /** Makes room for tokens that a pass is about to compute. */
  append(): void {
    this.cache.append();
  }

  reading(tokens: readonly number[], recorder?: Reading['recorder']): Reading {
    this.queries.reserve(this.cache.length);
    this.plan.retriever.beforeStep?.(this.cache);
    const { cache, meter, plan } = this;
    return { cache, tokens, recorder, meter, queries: this.queries, retriever: plan.retriever };
  }

  /**
   * Lets the plan act, if it is time: score, select, fates, then whatever waits is encoded.
   * @param views of the cache as it stands; the prompt's own are shared by all lanes
   * @param afterLayer called when a layer is done
   */
  act(moment: Clock['moment'], views?: readonly CacheView[], afterLayer: () => void = () => {}): void {
    const { config } = this.#ground.prefix.model;
    const { plan, cache } = this;
    const due = plan.schedule.due({
      moment,
      read: cache.length,
      since: cache.length - this.#shrunkAt,
      prompt: this.#prompt,
    });
    const kept = due === undefined || plan.keepsAll ? undefined : this.#choose(due, views);
    if (kept) this.#shrunkAt = cache.length;
    if (moment === 'prompt') this.kept = kept;
    for (let layer = 0; layer < config.layers; layer++) {
      if (kept) this.#cut(layer, kept[layer]!);
      if (plan.codec) encodePending(cache, plan.codec, layer, (kvHead, rows) => this.#latest(layer, kvHead, rows));
      this.#index(layer);
      if (kept && layer === config.layers - 1) cache.reclaim();
      afterLayer();
    }
  }

  /** @param tokens of the full cache that the budget is a share of */
  #choose(tokens: number, views: readonly CacheView[] | undefined): Kept {
    const { prefix, memo, future } = this.#ground;
    const { config } = prefix.model;
    const bytes = this.share * fullBytes(config, tokens);
    const budget = entriesWithin(this.plan, config, this.share, tokens);
    if (views) return choose(this.plan, config, views, budget, bytes, memo);
    const own = Array.from(
      { length: config.layers },
      (_, layer) => new CacheView(prefix.model, this.cache, this.queries, layer, future),
    );
    return choose(this.plan, config, own, budget, bytes, new Map());
  }

  /** The queries of a KV head's group at the tokens that were read last. @returns [rows * group][headDim] */
  #latest(layer: number, kvHead: number, rows: number): Float32Array {
    const { config, kernels } = this.#ground.prefix.model;
    const width = (config.heads / config.kvHeads) * config.headDim;
    const count = Math.min(rows, this.cache.length);
    const queries = new Float32Array(count * width);
    for (let i = 0; i < count; i++) {
      const at = this.queries.at(layer, this.cache.length - count + i) + kvHead * width;
      queries.set(kernels.heap.f32.subarray(at, at + width), i * width);
    }
    return queries;
  }

  /** Notes what the plan's way to read stores beside the entries. */
  #index(layer: number): void {
    const { kvHeads, layers, headDim } = this.cache.store.config;
    const bytes = Array.from({ length: kvHeads }, (_, kvHead) =>
      this.plan.retriever.bytes(this.cache.count(layer * kvHeads + kvHead), { layer, layers, kvHead, headDim }),
    );
    this.cache.index(layer, bytes);
  }

  #cut(layer: number, kept: readonly Int32Array[]): void {
    const { fates } = this.plan;
    for (const fate of fates) fate.before?.(this.cache, layer, kept);
    this.cache.retain(layer, kept);
    for (const fate of fates) fate.after?.(this.cache, layer);
  }

  /** A lane that goes on from here on its own, unseen. */
  fork(): Lane {
    const copy = new Lane(this.#ground, forkPlan(this.plan), this.share, () => {});
    copy.cache.fork(this.cache);
    copy.queries.copy(this.queries, this.#prompt, this.cache.length);
    copy.#shrunkAt = this.#shrunkAt;
    return copy;
  }

  /** A fork that holds nothing of one token. */
  without(token: number): Lane {
    const copy = this.fork();
    const { layers, kvHeads } = copy.cache.store.config;
    for (let layer = 0; layer < layers; layer++) {
      const others = Array.from({ length: kvHeads }, (_, kvHead) =>
        entriesWithout(copy.cache.tokens(layer * kvHeads + kvHead), token),
      );
      copy.cache.retain(layer, others);
    }
    return copy;
  }

  release(): void {
    this.cache.release();
    this.queries.release();
  }
}

/** A head's entries but that of one token, if it has it. */
function entriesWithout(tokens: Int32Array, token: number): Int32Array {
  const at = tokens.indexOf(token);
  const entries = new Int32Array(tokens.length - Number(at >= 0));
  for (let i = 0; i < entries.length; i++) entries[i] = at >= 0 && i >= at ? i + 1 : i;
  return entries;
}
