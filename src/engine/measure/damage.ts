import type { KVCache } from '../cache/kv-cache.ts';
import type { Prepared } from '../engine.ts';
import { newerThan } from '../eviction/newer-than.ts';
import { Lane } from '../lane.ts';
import type { LaneSpec } from '../lane-spec.ts';
import { makePlan } from '../plan.ts';
import type { Prefix } from '../prefix.ts';

/** What a lane's cache does to what attention computes from it. */
export interface Damage {
  /** Rms error of the keys that stay over their rms; of the values likewise. */
  readonly keys: number;
  readonly values: number;
  /** Rms error of the scores of what stays, before the softmax. */
  readonly logits: number;
  /** Rms error of what attention puts out over its rms, with what was dropped missing. */
  readonly output: number;
}

/** Adds up how far one list of numbers is from another. */
class Gap {
  #off = 0;
  #size = 0;
  #count = 0;

  add(is: number, has: number): void {
    this.#off += (is - has) ** 2;
    this.#size += is * is;
    this.#count++;
  }

  get rms(): number {
    return this.#count ? Math.sqrt(this.#off / this.#count) : 0;
  }

  get relative(): number {
    return this.#off ? Math.sqrt(this.#off / this.#size) : 0;
  }
}

/** A lane's damage right after it shrank. @param keep its share of the full cache's bytes */
export function laneDamage({ ground, views, prefix }: Prepared, spec: LaneSpec, keep: number): Damage {
  const lane = new Lane(ground, makePlan(spec), keep, () => {});
  lane.act('prompt', views);
  const found = damageOf(prefix, lane.cache);
  lane.release();
  return found;
}

/**
 * Compares what a lane holds with the cache that it was forked from, head by head: keys, values, and what the queries of the prompt's newest tokens make
 * of them.
 * @param lane a cache whose keys were not turned to other positions
 * @param probes how many of the newest tokens look
 */
export function damageOf({ model, cache, queries }: Prefix, lane: KVCache, probes = 8): Damage {
  const { heads, kvHeads, headDim } = model.config;
  const group = heads / kvHeads;
  const [keys, values, logits, output] = [new Gap(), new Gap(), new Gap(), new Gap()];
  for (let head = 0; head < model.store.heads; head++) {
    const [is, has] = [rowsOf(cache, head), rowsOf(lane, head)];
    const same = has.tokens.map((token) => is.tokens.indexOf(token));
    for (let i = 0; i < has.keys.length; i++) {
      const from = same[Math.floor(i / headDim)]! * headDim + (i % headDim);
      keys.add(is.keys[from]!, has.keys[i]!);
      values.add(is.values[from]!, has.values[i]!);
    }
    for (let token = Math.max(0, cache.length - probes); token < cache.length; token++) {
      for (let g = 0; g < group; g++) {
        const at = queries.at(Math.floor(head / kvHeads), token) + ((head % kvHeads) * group + g) * headDim;
        const query = model.kernels.heap.f32.slice(at, at + headDim);
        const [whole, left] = [attend(is, query, token), attend(has, query, token)];
        left.logits.forEach((logit, entry) => logits.add(whole.logits[same[entry]!]!, logit));
        left.output.forEach((x, c) => output.add(whole.output[c]!, x));
      }
    }
  }
  return { keys: keys.relative, values: values.relative, logits: logits.rms, output: output.relative };
}

/** What a head holds. */
interface Held {
  readonly tokens: Int32Array;
  /** [entries][headDim] */
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

function rowsOf(cache: KVCache, head: number): Held {
  const { headDim } = cache.store.config;
  const count = cache.count(head);
  const [keys, values] = [new Float32Array(count * headDim), new Float32Array(count * headDim)];
  for (let entry = 0; entry < count; entry++) {
    keys.set(cache.store.key(cache.row(head, entry)), entry * headDim);
    values.set(cache.store.value(cache.row(head, entry)), entry * headDim);
  }
  return { tokens: cache.tokens(head), keys, values };
}

/** Scores of the entries that a token sees, and their values' mean, weighted by the softmax; 0 where it sees none. */
function attend({ tokens, keys, values }: Held, query: Float32Array, token: number) {
  const headDim = query.length;
  const logits = new Float64Array(tokens.length - newerThan(tokens, token + 1));
  let highest = -Infinity;
  for (let entry = 0, at = 0; entry < logits.length; entry++) {
    let sum = 0;
    for (let c = 0; c < headDim; c++, at++) sum += keys[at]! * query[c]!;
    logits[entry] = sum / Math.sqrt(headDim);
    if (logits[entry]! > highest) highest = logits[entry]!;
  }
  const output = new Float64Array(headDim);
  let total = 0;
  for (let entry = 0, at = 0; entry < logits.length; entry++) {
    const weight = Math.exp(logits[entry]! - highest);
    total += weight;
    for (let c = 0; c < headDim; c++, at++) output[c]! += weight * values[at]!;
  }
  return { logits, output: total ? output.map((x) => x / total) : output };
}
