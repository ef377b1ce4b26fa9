import { best, sortable } from '../eviction/select.ts';
import type { LayerView } from '../eviction/types.ts';
import type { Scores } from './types.ts';

/**
 * The tokens that score best over all heads of some layers together. Ties go to the earlier token; one that has no number somewhere (NaN) loses.
 * @param scores of these layers @param count how many, a fraction cut off @param among the candidates; every token held where it is missing
 */
export function bestTokens(
  scores: Scores,
  layers: readonly LayerView[],
  count: number,
  among?: ReadonlySet<number>,
): Set<number> {
  const sums = sumByToken(scores, layers);
  const tokens = Int32Array.from([...sums.keys()].filter((token) => among?.has(token) ?? true)).sort();
  const all = Float64Array.from(tokens, (token) => sums.get(token)!);
  // A mean of doubles may fall a hair short of the whole number that it stands for.
  return new Set(best(all, Math.min(all.length, Math.trunc(count + 1e-9))).map((at) => tokens[at]!));
}

function sumByToken(scores: Scores, layers: readonly LayerView[]): Map<number, number> {
  const sums = new Map<number, number>();
  layers.forEach((layer, at) => {
    scores[at]!.forEach((row, kvHead) => {
      const tokens = layer.tokens(kvHead);
      row.forEach((score, entry) => {
        const token = tokens[entry]!;
        sums.set(token, (sums.get(token) ?? 0) + sortable(score));
      });
    });
  });
  return sums;
}

/** For each KV head of a layer the entries whose tokens are among these. */
export const entriesOf = (tokens: ReadonlySet<number>, layer: LayerView): Int32Array[] =>
  layer.counts.map((count, kvHead) => {
    const held = layer.tokens(kvHead);
    return Int32Array.from({ length: count }, (_, entry) => entry).filter((entry) => tokens.has(held[entry]!));
  });
