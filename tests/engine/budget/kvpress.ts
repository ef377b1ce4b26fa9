/** The rules of kvpress once more, written from their description alone (notes on conformance, section 2): nothing here is taken from the engine. */
import type { Sizes } from '../eviction/layers.ts';

type Rows = readonly (readonly number[])[];

/** n_kept = int(S (1 - r)) */
export const kept = (seq: number, ratio: number) => Math.floor(seq * (1 - ratio));

/** -||K_t|| */
export const knorm = (keys: readonly Rows[]) => keys.map((rows) => rows.map((key) => -Math.hypot(...key)));

/** Mean attention of the last w queries, window columns dropped, pooled by 5 with zeros outside, mean over the group; the window gets the highest of all and one more. */
export function snapkv(attentions: readonly Rows[], w: number, { seq, heads, kvHeads }: Sizes): number[][] {
  const pooled = attentions.map((rows) => {
    const last = rows.slice(-w);
    const mean = Array.from({ length: seq - w }, (_, j) => last.reduce((sum, row) => sum + row[j]!, 0) / w);
    return mean.map((_, j) => [-2, -1, 0, 1, 2].reduce((sum, by) => sum + (mean[j + by] ?? 0), 0) / 5);
  });
  const group = heads / kvHeads;
  const grouped = Array.from({ length: kvHeads }, (_, kvHead) =>
    Array.from({ length: seq - w }, (_, j) => {
      const sharing = pooled.slice(kvHead * group, (kvHead + 1) * group);
      return sharing.reduce((sum, row) => sum + row[j]!, 0) / group;
    }),
  );
  const top = Math.max(...grouped.flat()) + 1;
  return grouped.map((row) => [...row, ...new Array<number>(w).fill(top)]);
}

/** The n highest, as ascending places; of equals the first. */
export const topk = (row: readonly number[], n: number) =>
  row
    .map((score, at) => ({ score, at }))
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, n)
    .map(({ at }) => at)
    .sort((a, b) => a - b);

/** AdaKV: each head's int(n alpha) best, or its best one where alpha is not 0, are marked as highest of all; then the lowest of all heads together are masked. */
export function adakv(scores: Rows, ratio: number, alpha: number): number[][] {
  const seq = scores[0]!.length;
  const n = kept(seq, ratio);
  const safe = alpha > 0 && n > 0 ? Math.max(1, Math.floor(n * alpha)) : 0;
  const marked = scores.map((row) => {
    const own = topk(row, safe);
    return row.map((score, at) => (own.includes(at) ? Number.MAX_VALUE : score));
  });
  const all = marked.flatMap((row, head) => row.map((score, at) => ({ score, head, at })));
  all.sort((a, b) => a.score - b.score || b.head - a.head || b.at - a.at);
  const masked = new Set(all.slice(0, scores.length * (seq - n)).map(({ head, at }) => `${head} ${at}`));
  return scores.map((row, head) => row.map((_, at) => at).filter((at) => !masked.has(`${head} ${at}`)));
}

/** Python's round: halves to even. */
const round = (x: number) => (Math.abs(x - Math.trunc(x)) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** PyramidKV: what a head of layer l keeps of q tokens. */
export function pyramid(q: number, ratio: number, beta: number, w: number, l: number, depth: number): number {
  const mean = w + q * (1 - ratio) - w;
  let min = mean / beta;
  let max = 2 * mean - min;
  if (max >= q - w) {
    max = q - w;
    min = 2 * mean - max;
  }
  return q >= max && max >= min && min >= w ? round(max - (l * (max - min)) / (depth - 1)) : round(mean);
}
