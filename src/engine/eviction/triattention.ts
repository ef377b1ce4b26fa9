import { defineScore, type LayerView } from './types.ts';

/**
 * TriAttention knows beforehand where the queries of a head point before they are rotated, and scores a key by what such a query would pay to it from now
 * on: rotation makes that a series of cosines in the distance.
 * Based on "TriAttention: Efficient Long Reasoning with Trigonometric KV Compression" (arXiv 2604.04921), eq. 6 to 13.
 *
 *     q_f, k_f: the pair (f, f + headDim / 2) as a complex number, before rotation        omega_f = theta^(-2 f / headDim)
 *     S(D) = sum over f of  |E q_f| |k_f| cos(omega_f D + arg E q_f - arg k_f)  +  (E|q_f| - |E q_f|) |k_f|
 *     S~ = mean over delta = 1, 2, 4, ..., 2^reach of S(D + delta)        D: from the key to the newest token
 *     s[h, j] = max over the group of  (S~ - mean over j) / (standard deviation over j)
 *
 * E q_f and E|q_f| were measured for every query head on other texts. Cached keys are rotated already, so that no key's place is needed: the mean query is
 * rotated to where it will stand, and multiplied.
 * `norm` leaves the second term out, as an ablation of theirs does.
 * Deviation: the authors' default is one list of tokens for all layers, from the mean of their scores; here each layer has its own, which is an option of
 * theirs. Where keys were turned to new positions, distances are still counted in tokens read.
 */
export const triattention = defineScore({
  name: 'triattention',
  caption: { name: 'TriAttention', idea: 'what a usual query would look at from here on' },
  source: 'arXiv 2604.04921',
  settings: {
    reach: {
      kind: 'number',
      default: 16,
      min: 0,
      max: 20,
      step: 1,
      about: 'How often the distance to a coming query is doubled, from one token on.',
    },
    norm: { kind: 'switch', default: true, about: 'Add what a key is worth by its length alone, eq. 8.' },
  },
  detail: ({ norm }) => (norm ? '' : 'no norm term'),
  needs: [['keys', 'query_centers']],
  learns: { name: 'query_centers', from: (texts) => texts[0]!.counts.map((_, kvHead) => centersOf(texts, kvHead)) },
  make: (settings) => ({
    score(layer) {
      return layer.counts.map((_, kvHead) => {
        const rows = queryCenters(layer, kvHead).map((learned) =>
          standardized(headScores(layer, kvHead, learned, settings)),
        );
        return rows[0]!.map((_, j) => Math.max(...rows.map((row) => row[j]!)));
      });
    },
  }),
});

/** What is learned of a query head. */
export interface Learned {
  /** [headDim]: the mean of its queries before rotation */
  readonly center: Float32Array;
  /** [headDim / 2]: the mean length of each pair */
  readonly norms: Float32Array;
}

/** Of every query head of a group. A layer that was recorded without queries does not tell how many these are; what was learned does. */
export function queryCenters(layer: LayerView, kvHead: number): Learned[] {
  const { kvHeads, headDim } = layer;
  const all = layer.learned('query_centers');
  const width = (headDim * 3) / 2;
  const group = all.length / (kvHeads * width);
  return Array.from({ length: group }, (_, g) => {
    const from = (kvHead * group + g) * width;
    return { center: all.subarray(from, from + headDim), norms: all.subarray(from + headDim, from + width) };
  });
}

/** How tightly the queries of a head sit around their mean in each pair, from 0 to 1: R of eq. 22. @returns [headDim / 2] */
export const concentrations = ({ center, norms }: Learned): number[] =>
  Array.from(norms, (norm, f) => (norm > 0 ? Math.hypot(center[f]!, center[f + norms.length]!) / norm : 0));

/** @returns [group * headDim * 3 / 2]: center and lengths of each query head of the group */
function centersOf(texts: readonly LayerView[], kvHead: number): Float32Array {
  const { heads, kvHeads, headDim } = texts[0]!;
  const [group, half, width] = [heads / kvHeads, headDim / 2, (headDim * 3) / 2];
  const sums = new Float64Array(group * width);
  for (const text of texts) {
    for (let g = 0; g < group; g++) {
      const queries = text.queriesBeforeRope(kvHead * group + g, text.seq);
      for (let at = 0; at < queries.length; at++) sums[g * width + (at % headDim)]! += queries[at]!;
      for (let at = 0; at < queries.length; at += headDim) {
        for (let f = 0; f < half; f++) {
          sums[g * width + headDim + f]! += Math.hypot(queries[at + f]!, queries[at + f + half]!);
        }
      }
    }
  }
  const tokens = texts.reduce((count, { seq }) => count + seq, 0);
  return Float32Array.from(sums, (sum) => sum / tokens);
}

function headScores(
  layer: LayerView,
  kvHead: number,
  { center, norms }: Learned,
  { reach, norm }: { readonly reach: number; readonly norm: boolean },
): Float64Array {
  const { headDim } = layer;
  const half = headDim / 2;
  const query = turned(center, layer, reach);
  const keys = layer.keys(kvHead);
  return new Float64Array(layer.counts[kvHead]!).map((_, j) => {
    let score = 0;
    for (let f = 0; f < half; f++) {
      const [re, im] = [keys[j * headDim + f]!, keys[j * headDim + f + half]!];
      const spread = norm ? norms[f]! - Math.hypot(center[f]!, center[f + half]!) : 0;
      score += query[f]! * re + query[f + half]! * im + spread * Math.hypot(re, im);
    }
    return score;
  });
}

/** The mean of a query over the places where it may stand: 1, 2, 4, ... tokens behind the newest. */
function turned(center: Float32Array, { seq, rope: { frequencies } }: LayerView, reach: number): Float64Array {
  const half = frequencies.length;
  const query = new Float64Array(2 * half);
  for (let f = 0; f < half; f++) {
    for (let doubling = 0; doubling <= reach; doubling++) {
      const angle = frequencies[f]! * (seq - 1 + 2 ** doubling);
      const [cos, sin] = [Math.cos(angle) / (reach + 1), Math.sin(angle) / (reach + 1)];
      query[f]! += center[f]! * cos - center[f + half]! * sin;
      query[f + half]! += center[f + half]! * cos + center[f]! * sin;
    }
  }
  return query;
}

/** Mean 0 and standard deviation 1; all 0 where the scores are the same. */
function standardized(scores: Float64Array): Float64Array {
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
  return scores.map((score) => (deviation > 1e-12 * Math.abs(mean) ? (score - mean) / deviation : 0));
}
