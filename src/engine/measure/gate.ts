import { cosine } from './cosine.ts';

/**
 * RKSC's gate: how alike two prompts are by the last row of each layer, sum_l w_l cos(a_l, b_l) with w_l = exp(alpha l / L) / sum, alpha = 1.5: later layers
 * count more (Anirudh Sekar, arXiv 2606.09937).
 * @param a [layers][hidden]
 */
export function similarity(a: readonly Float32Array[], b: readonly Float32Array[], alpha = 1.5): number {
  let [sum, weights] = [0, 0];
  a.forEach((row, layer) => {
    const weight = Math.exp((alpha * (layer + 1)) / a.length);
    sum += weight * cosine(row, b[layer]!);
    weights += weight;
  });
  return sum / weights;
}
