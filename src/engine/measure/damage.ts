import type { KVCache } from '../cache/kv-cache.ts';
import type { Prefix } from '../prefix.ts';
import { errorOf } from './error.ts';

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

/** What is, list by list, and what a lane has in its place. */
class Pairs {
  readonly is: Float64Array[] = [];
  readonly has: Float64Array[] = [];

  add(is: readonly number[], has: readonly number[]): void {
    this.is.push(Float64Array.from(is));
    this.has.push(Float64Array.from(has));
  }

  get error() {
    return errorOf(this.is, this.has);
  }
}

/**
 * Compares what a lane holds with the cache that it was forked from, head by head: keys, values, and what the queries of the prompt's newest tokens make
 * of them.
 * @param lane a cache whose keys were not turned to other positions
 * @param probes how many of the newest tokens look
 */
export function damageOf({ model, cache, queries }: Prefix, lane: KVCache, probes = 8): Damage {
  const { heads, kvHeads, headDim } = model.config;
  const pairs = { keys: new Pairs(), values: new Pairs(), logits: new Pairs(), output: new Pairs() };
  const group = heads / kvHeads;
  for (let head = 0; head < model.store.heads; head++) {
    const [is, has] = [rowsOf(cache, head), rowsOf(lane, head)];
    const same = Array.from(has.tokens, (token) => is.tokens.indexOf(token));
    same.forEach((from, entry) => {
      pairs.keys.add(is.keys[from]!, has.keys[entry]!);
      pairs.values.add(is.values[from]!, has.values[entry]!);
    });
    for (let token = Math.max(0, cache.length - probes); token < cache.length; token++) {
      for (let g = 0; g < group; g++) {
        const at = queries.at(Math.floor(head / kvHeads), token) + ((head % kvHeads) * group + g) * headDim;
        const query = Array.from(model.kernels.heap.f32.subarray(at, at + headDim));
        const [whole, left] = [attend(is, query, token), attend(has, query, token)];
        pairs.logits.add(
          left.logits.map((_, entry) => whole.logits[same[entry]!]!),
          left.logits,
        );
        pairs.output.add(whole.output, left.output);
      }
    }
  }
  return {
    keys: pairs.keys.error.relative,
    values: pairs.values.error.relative,
    logits: pairs.logits.error.rms,
    output: pairs.output.error.relative,
  };
}

interface Held {
  readonly tokens: Int32Array;
  /** [entries][headDim] */
  readonly keys: readonly number[][];
  readonly values: readonly number[][];
}

const rowsOf = (cache: KVCache, head: number): Held => {
  const rows = Array.from({ length: cache.count(head) }, (_, entry) => cache.row(head, entry));
  return {
    tokens: cache.tokens(head),
    keys: rows.map((row) => Array.from(cache.store.key(row))),
    values: rows.map((row) => Array.from(cache.store.value(row))),
  };
};

/** Scores of the entries that a token sees, and their values' mean, weighted by the softmax; 0 where it sees none. */
function attend({ tokens, keys, values }: Held, query: readonly number[], token: number) {
  const seen = tokens.filter((other) => other <= token).length;
  const logits = keys
    .slice(0, seen)
    .map((key) => key.reduce((sum, x, c) => sum + x * query[c]!, 0) / Math.sqrt(query.length));
  const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = logits.map((logit) => Math.exp(logit - highest));
  const total = weights.reduce((a, b) => a + b, 0);
  const output = query.map(
    (_, c) => weights.reduce((sum, weight, i) => sum + weight * values[i]![c]!, 0) / (total || 1),
  );
  return { logits, output };
}
