import { seeded, type Random } from '../random.ts';
import { defineScore, type LayerView } from './types.ts';
import { centered, dot, gram, leverages, meanRow, standardize } from './vectors.ts';

/**
 * Keeps the entries whose keys the others do not span: their leverage, from keys before RoPE and a random sketch of them. The other half of Compactor.
 * Based on "Compactor: Calibrated Query-Agnostic KV Cache Compression with Approximate Leverage Scores" (arXiv 2507.08143); as kvpress LeverageScorePress.
 *
 *     X = (K - mean over j of K) Phi        K: [seq, headDim] before RoPE,  Phi: [headDim, sketch], normal numbers / sqrt(sketch), for each KV head
 *     s[h, j] = x_j (X^T X + 0.01 I)^-1 x_j        then z-scores over all heads of the layer
 *
 * kvpress draws Phi anew at each call; here it follows from the seed, the layer and the head.
 */
export const leverage = defineScore({
  name: 'leverage',
  caption: { name: 'Leverage', idea: 'keys that the others do not span' },
  source: 'arXiv 2507.08143; as kvpress LeverageScorePress',
  settings: {
    sketch: { kind: 'number', default: 48, min: 1, max: 256, step: 1, about: 'Numbers that a key is reduced to.' },
    seed: { kind: 'number', default: 0, min: 0, max: 65535, step: 1, about: 'Another seed draws another sketch.' },
  },
  needs: [['keys_prerope'], ['keys']],
  make: ({ sketch, seed }) => ({ score: (layer) => leverageScores(layer, sketch, seed, 0, 0) }),
});

/**
 * @param left entries at the start that take no part, and `right` at the end
 * @returns for each KV head [count - left - right]
 */
export function leverageScores(
  layer: LayerView,
  sketch: number,
  seed: number,
  left: number,
  right: number,
): Float64Array[] {
  const { headDim } = layer;
  const scores = layer.counts.map((count, kvHead) => {
    const keys = layer.keysBeforeRope(kvHead).subarray(left * headDim, (count - right) * headDim);
    const sketched = sketchRows(keys, headDim, sketch, sketchOf(seed, layer.layer * layer.kvHeads + kvHead));
    return leverages(gram(sketched, sketch, 0.01), sketched, sketch);
  });
  standardize(scores);
  return scores;
}

/** The random numbers of one head's sketch. @param head layer * kvHeads + kvHead */
export const sketchOf = (seed: number, head: number): Random =>
  seeded(Math.imul(seed + 1, 0x85ebca6b) ^ Math.imul(head + 1, 0xc2b2ae35));

/** Centered rows times Phi, whose numbers are drawn row after row. @param rows [count, width] @returns [count, sketch] */
function sketchRows(rows: Float32Array, width: number, sketch: number, random: Random): Float64Array {
  const mean = meanRow(rows, width);
  // By columns, so that each product runs along two rows.
  const phi = new Float64Array(width * sketch);
  for (let c = 0; c < width; c++) {
    for (let k = 0; k < sketch; k++) phi[k * width + c] = normal(random) / Math.sqrt(sketch);
  }
  const rest = centered(rows, mean);
  return new Float64Array((rows.length / width) * sketch).map((_, at) =>
    dot(rest, Math.floor(at / sketch) * width, phi, (at % sketch) * width, width),
  );
}

/** A number of the standard normal distribution (Box and Muller, 1958). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
