import type { Kept, Scores } from './budget/types.ts';
import { encodePending } from './cache/encode.ts';
import { KVCache } from './cache/kv-cache.ts';
import { choose, judge, type Choice, type ScoreMemo } from './choose.ts';
import type { Emit } from './events.ts';
import type { Ahead } from './future.ts';
import { CacheView, type Future } from './layer-view.ts';
import { cacheBytes } from './measure/bytes.ts';
import { recallOf } from './measure/recall.ts';
import type { Reading } from './model/model.ts';
import { QueryLog } from './model/query-log.ts';
import { forkPlan, type Plan } from './plan.ts';
import type { Prefix } from './prefix.ts';
import { entriesWithin, fullBytes } from './room.ts';
import type { Clock } from './schedule/types.ts';
import { CacheSight, lookOf } from './sight.ts';

/** What lanes of one prompt share: what was read, what the answer will look at, and scores that hold for all of them. */
export interface Ground {
  readonly prefix: Prefix;
  readonly future: Future | undefined;
  readonly ahead: Ahead | undefined;
  readonly memo: ScoreMemo;
}

/** Bytes of a lane's two memories at one pass, and what was carried since the one before. */
export interface Tiers {
  readonly resident: number;
  readonly host: number;
  readonly movedIn: number;
  readonly movedOut: number;
  /** Of the attention that the pass's last token wanted to pay to the prompt, the share that it could. */
  readonly recall: number;
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
  /** Tokens read when its memories were last arranged. */
  #arrangedAt: number;
  /** Tokens whose queries and keys are known. */
  #read: number;
  #moved = { in: 0, out: 0 };

  constructor(ground: Ground, plan: Plan, share: number, emit: Emit) {
    const { model, cache, queries } = ground.prefix;
    this.cache = new KVCache(model.store, emit);
    this.cache.fork(cache);
    this.plan = plan;
    this.share = share;
    this.#ground = ground;
    this.queries = new QueryLog(model.config, model.kernels.heap, queries, cache.length);
    this.#shrunkAt = this.#arrangedAt = this.#read = cache.length;
  }

  get #prompt(): number {
    return this.#ground.prefix.cache.length;
  }

  /** Makes room for a token that a pass is about to compute. Before the first of a pass, the lane may see to its memories. */
  append(): void {
    const { stride = 1 } = this.plan.retriever;
    if (this.#read === this.cache.length && this.#read - this.#arrangedAt >= stride) this.#arrange();
    this.cache.append();
  }

  /** It may find that there is no room for what it would store beside. */
  #arrangeFirst(): void {
    this.#arrange();
    for (let layer = 0; layer < this.cache.store.config.layers; layer++) this.#index(layer);
  }

  #arrange(): void {
    const { cache, plan } = this;
    if (!plan.retriever.arrange) return;
    const { prefix, ahead } = this.#ground;
    const { model } = prefix;
    const entries = entriesWithin(plan, model.config, this.share, this.#prompt);
    const room = Math.floor(entries * model.store.heads + 1e-6);
    plan.retriever.arrange(cache, new CacheSight(model, cache, this.queries, ahead, room, this.#prompt));
    this.#arrangedAt = cache.length;
  }

  /**
   * After a pass of a lane with two memories: what lies where, what was carried, and what the newest token wanted. Undefined for any other lane.
   */
  tiers(emit: Emit): Tiers | undefined {
    const { cache, plan, queries } = this;
    if (!plan.retriever.arrange) return undefined;
    const { model } = this.#ground.prefix;
    const newest = cache.length - 1;
    const looks = Array.from({ length: model.store.heads }, (_, head) => ({
      tokens: cache.tokens(head),
      paid: lookOf(model, cache, queries, head, newest, cache.count(head)),
      near: cache.near(head),
    }));
    const { recall, missed } = recallOf(looks, this.#prompt);
    emit({ type: 'missed', recall, missed });
    const { live, host } = cacheBytes(cache);
    const [movedIn, movedOut] = [cache.moved.in - this.#moved.in, cache.moved.out - this.#moved.out];
    this.#moved = { ...cache.moved };
    return { resident: live, host, movedIn, movedOut, recall };
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
    const shown = due === undefined || plan.keepsAll ? [] : (views ?? this.#views());
    const kept = due === undefined || plan.keepsAll ? undefined : this.#choose(due, shown, views !== undefined).kept;
    if (kept) this.#shrunkAt = cache.length;
    if (moment === 'prompt') this.kept = kept;
    this.#read = cache.length;
    for (let layer = 0; layer < config.layers; layer++) {
      if (kept) this.#cut(layer, kept[layer]!, shown[layer]!);
      if (plan.codec) encodePending(cache, plan.codec, layer, (kvHead, rows) => this.#latest(layer, kvHead, rows));
      this.#index(layer);
      if (kept && layer === config.layers - 1) cache.reclaim();
      if (moment === 'prompt' && layer === config.layers - 1) this.#arrangeFirst();
      afterLayer();
    }
  }

  /**
   * What the rule says of the prompt's entries at this lane's budget, as when it shrinks. A lane that remembers something is asked on a copy.
   * @returns undefined where everything is kept, whatever it is worth
   */
  scores(views: readonly CacheView[]): Scores | undefined {
    if (this.plan.keepsAll) return undefined;
    const { room } = this.#choose(this.#prompt, views, true);
    return judge(this.plan, views, room, this.#ground.memo).scores;
  }

  /** The cache as it stands, for rules; nothing is computed before they ask. */
  #views(): CacheView[] {
    const { prefix, future } = this.#ground;
    const { model } = prefix;
    return Array.from(
      { length: model.config.layers },
      (_, layer) =>
        new CacheView(model, this.cache, this.queries, layer, future, this.cache.length, () => prefix.repeat()),
    );
  }

  /** @param tokens of the full cache that the budget is a share of @param shared whether other lanes see the same, so that scores are remembered */
  #choose(tokens: number, views: readonly CacheView[], shared: boolean): Choice {
    const { prefix, memo } = this.#ground;
    const { config } = prefix.model;
    const bytes = this.share * fullBytes(config, tokens);
    const budget = entriesWithin(this.plan, config, this.share, tokens);
    return choose(this.plan, config, views, budget, bytes, shared ? memo : new Map());
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
    const { retriever } = this.plan;
    const shapes = Array.from({ length: kvHeads }, (_, kvHead) => ({ layer, layers, kvHead, headDim }));
    const count = (kvHead: number) => this.cache.count(layer * kvHeads + kvHead);
    this.cache.index(
      layer,
      shapes.map((at) => retriever.bytes(count(at.kvHead), at)),
      shapes.map((at) => retriever.hostBytes?.(count(at.kvHead), at) ?? 0),
    );
  }

  #cut(layer: number, kept: readonly Int32Array[], view: CacheView): void {
    const { fates } = this.plan;
    for (const fate of fates) fate.before?.(this.cache, layer, kept, view);
    this.cache.retain(layer, kept);
    for (const fate of fates) fate.after?.(this.cache, layer);
  }

  /** A lane that goes on from here on its own, unseen. */
  fork(): Lane {
    const copy = new Lane(this.#ground, forkPlan(this.plan), this.share, () => {});
    copy.cache.fork(this.cache);
    copy.queries.copy(this.queries, this.#prompt, this.cache.length);
    copy.#shrunkAt = this.#shrunkAt;
    copy.#arrangedAt = this.#arrangedAt;
    copy.#read = this.#read;
    copy.#moved = { ...this.#moved };
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
