import type { Layer, Policy, TensorName } from '../../../src/engine/eviction/types.ts';
import { select } from '../../../src/engine/eviction/select.ts';
import { traceLayer } from '../../../src/engine/eviction/trace.ts';
import type { SafeTensor } from '../../../src/engine/model/safetensors.ts';
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

export const layerOf = (tensors: Partial<Record<TensorName, Nested>>, metadata: Record<string, string> = {}): Layer =>
  traceLayer({ tensors: new Map(Object.entries(tensors).map(([name, nested]) => [name, tensorOf(nested)])), metadata });

/** What each KV head scores, as rows. */
export function scoresOf(policy: Policy, layer: Layer, kept: number, changes: SettingValues = {}): number[][] {
  const scores = policy.score(layer, { ...defaults(policy.settings), ...changes }, { kept, random: seeded(1) });
  return Array.from({ length: layer.kvHeads }, (_, head) => [
    ...scores.subarray(head * layer.seq, (head + 1) * layer.seq),
  ]);
}

/** What each KV head keeps. */
export const keptBy = (policy: Policy, layer: Layer, kept: number, changes: SettingValues = {}): number[][] =>
  select(Float64Array.from(scoresOf(policy, layer, kept, changes).flat()), layer.kvHeads, layer.seq, kept).map(
    (row) => [...row],
  );

export interface Sizes {
  readonly seq: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** A layer of random keys, values and queries, with the attentions that follow from them, worked out the plainest way. */
export function randomTensors(seed: number, { seq, heads, kvHeads, headDim }: Sizes) {
  const random = seeded(seed);
  const row = () => Array.from({ length: headDim }, () => Math.fround(random() * 4 - 2));
  const draw = (n: number) => Array.from({ length: n }, () => Array.from({ length: seq }, row));
  const [keys, values, queries] = [draw(kvHeads), draw(kvHeads), draw(heads)];
  const attentions = queries.map((rows, head) =>
    rows.map((query, i) => attend(query, keys[Math.floor(head / (heads / kvHeads))]!, i)),
  );
  const future_attentions = attentions.map((rows) => rows.slice(-3));
  return { keys, values, queries, attentions, future_attentions };
}

function attend(query: number[], keys: number[][], last: number): number[] {
  const weights = keys.map((key, j) =>
    j > last ? 0 : Math.exp(key.reduce((sum, x, c) => sum + x * query[c]!, 0) / Math.sqrt(key.length)),
  );
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}
