import type { LayerView, ScoreMember, TensorName } from '../../../src/engine/eviction/types.ts';
import { best } from '../../../src/engine/eviction/select.ts';
import { traceLayer } from '../../../src/engine/eviction/trace.ts';
import { termOf } from '../../../src/engine/lane-spec.ts';
import type { SafeTensor } from '../../../src/engine/model/safetensors.ts';
import { makeScorer } from '../../../src/engine/plan.ts';
import { seeded } from '../../../src/engine/random.ts';
import { defaults, type SettingValues } from '../../../src/engine/settings.ts';

export type Nested = readonly number[] | readonly Nested[];

/** Nested arrays, as one writes an example by hand, as a tensor. */
export function tensorOf(nested: Nested): SafeTensor {
  const shape: number[] = [];
  for (let level: number | Nested | undefined = nested; Array.isArray(level); level = level[0])
    shape.push(level.length);
  return { dtype: 'F32', shape, data: Float32Array.from((nested as unknown[]).flat(9) as number[]) };
}

export const layerOf = (
  tensors: Partial<Record<TensorName, Nested>>,
  metadata: Record<string, string> = {},
): LayerView =>
  traceLayer({ tensors: new Map(Object.entries(tensors).map(([name, nested]) => [name, tensorOf(nested)])), metadata });

/** What a rule scores in each KV head, as rows. @param budget entries a head @param inner what it wraps: its own choice where none is given */
export function scoresOf(
  rule: ScoreMember,
  layer: LayerView,
  budget: number,
  changes: SettingValues = {},
  inner: readonly string[] = (rule.wraps ?? []).map(({ default: name }) => name),
): number[][] {
  const scorer = rule.make(
    { ...defaults(rule.settings), ...changes },
    inner.map((name) => makeScorer(termOf(name))),
  );
  return scorer.score(layer, budget).map((row) => [...row]);
}

/** What each KV head keeps. */
export const keptBy = (...[rule, layer, kept, ...more]: Parameters<typeof scoresOf>): number[][] =>
  scoresOf(rule, layer, kept, ...more).map((row) => [...best(Float64Array.from(row), kept)]);

/** A view of what is left of a layer when each KV head holds only some tokens; attention is that of the whole layer, not renormalised. */
export function heldOf(whole: LayerView, held: readonly (readonly number[])[]): LayerView {
  const { kvHeads, heads, headDim } = whole;
  const gather = (rows: ArrayLike<number>, kvHead: number) =>
    Float32Array.from(held[kvHead]!.flatMap((j) => Array.from({ length: headDim }, (_, c) => rows[j * headDim + c]!)));
  const pick = (row: Float64Array, kvHead: number) => Float64Array.from(held[kvHead]!, (j) => row[j]!);
  const pickOfGroup = (row: Float64Array, head: number) => pick(row, Math.floor((head * kvHeads) / heads));
  return {
    layer: whole.layer,
    layers: whole.layers,
    rope: whole.rope,
    seq: whole.seq,
    heads,
    kvHeads,
    headDim,
    counts: held.map(({ length }) => length),
    tokens: (kvHead) => Int32Array.from(held[kvHead]!),
    keys: (kvHead) => gather(whole.keys(kvHead), kvHead),
    values: (kvHead) => gather(whole.values(kvHead), kvHead),
    keysBeforeRope: (kvHead) => gather(whole.keysBeforeRope(kvHead), kvHead),
    queries: (head, rows) => whole.queries(head, rows),
    queriesBeforeRope: (head, rows) => whole.queriesBeforeRope(head, rows),
    attentionSums: (rows, weigh) => whole.attentionSums(rows, weigh).map(pickOfGroup),
    attentionRow: (token) =>
      whole.attentionRow(token).map((row, head) => {
        const entries = held[Math.floor((head * kvHeads) / heads)]!.filter((j) => j < row.length);
        return Float64Array.from(entries, (j) => row[j]!);
      }),
    attentionRows: (from, to) =>
      whole.attentionRows(from, to).map((rows, head) => {
        const kvHead = Math.floor((head * kvHeads) / heads);
        const width = whole.counts[kvHead]!;
        const all = Array.from({ length: to - from }, (_, row) => rows.subarray(row * width, (row + 1) * width));
        return Float64Array.from(all.flatMap((row) => [...pick(row, kvHead)]));
      }),
    outputNorms: () => whole.outputNorms().map(pick),
    futurePeaks: () => whole.futurePeaks().map(pick),
    repeatPeaks: () => whole.repeatPeaks().map(pickOfGroup),
    learned: (name) => whole.learned(name),
  };
}

export interface Sizes {
  readonly seq: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** A layer of random keys, values and queries, with what follows from them, worked out the plainest way, and random numbers for what was learned. */
export function randomTensors(seed: number, { seq, heads, kvHeads, headDim }: Sizes) {
  const random = seeded(seed);
  const row = () => Array.from({ length: headDim }, () => Math.fround(random() * 4 - 2));
  const draw = (n: number) => Array.from({ length: n }, () => Array.from({ length: seq }, row));
  const [keys, values, queries] = [draw(kvHeads), draw(kvHeads), draw(heads)];
  const output_projection = Array.from({ length: 6 }, () =>
    Array.from({ length: heads * headDim }, () => Math.fround(random() * 2 - 1)),
  );
  const attentions = queries.map((rows, head) =>
    rows.map((query, i) => attend(query, keys[Math.floor(head / (heads / kvHeads))]!, i)),
  );
  const future_attentions = attentions.map((rows) => rows.slice(-3));
  const repeat_attentions = attentions.map((rows) => rows.slice(-4));
  const keys_prerope = keys.map((rows) => rows.map((key, position) => turn(key, -position)));
  const queries_prerope = queries.map((rows) => rows.map((query, position) => turn(query, -position)));
  const q_filters = Array.from({ length: kvHeads }, row);
  const head_scores = Array.from({ length: kvHeads }, random);
  const span_attention = Array.from({ length: kvHeads }, () => Array.from({ length: heads / kvHeads }, random));
  const rule_cosines = Array.from({ length: kvHeads }, () => Array.from({ length: 4 }, random));
  const attention_entropy = Array.from({ length: kvHeads }, random);
  const eviction_error = Array.from({ length: kvHeads }, random);
  const query_centers = Array.from({ length: kvHeads }, () =>
    Array.from({ length: heads / kvHeads }, () => [
      ...row(),
      ...row()
        .slice(headDim / 2)
        .map((x) => Math.abs(x) + 4),
    ]).flat(),
  );
  return {
    keys,
    values,
    queries,
    attentions,
    future_attentions,
    repeat_attentions,
    keys_prerope,
    queries_prerope,
    q_filters,
    head_scores,
    rule_cosines,
    span_attention,
    attention_entropy,
    eviction_error,
    query_centers,
    output_projection,
  };
}

/** RoPE with theta 10000, pairs half a head apart. */
export function turn(x: readonly number[], by: number): number[] {
  const half = x.length / 2;
  return x.map((_, c) => {
    const angle = by * 10000 ** (-(c % half) / half);
    const sign = c < half ? -1 : 1;
    return x[c]! * Math.cos(angle) + sign * x[(c + half) % x.length]! * Math.sin(angle);
  });
}

function attend(query: number[], keys: number[][], last: number): number[] {
  const weights = keys.map((key, j) =>
    j > last ? 0 : Math.exp(key.reduce((sum, x, c) => sum + x * query[c]!, 0) / Math.sqrt(key.length)),
  );
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}
