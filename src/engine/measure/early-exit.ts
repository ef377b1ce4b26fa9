import { logSoftmax } from './divergence.ts';

/** Entropy of the next word, in nats. @param logits [vocabulary] */
export const entropyOf = (logits: Float32Array): number =>
  logSoftmax(logits).reduce((sum, log) => sum - Math.exp(log) * log, 0);

/** The first layer behind which RKSC's early exit may leave, counted from 1. */
export const firstExit = 2;

/**
 * Behind how many layers a pass ends: as soon as the entropy is below theta and has moved by less than epsilon since the layer before (CGEE's second level,
 * arXiv 2606.09937).
 * @param entropies behind each layer
 */
export function exitOf(entropies: readonly number[], theta: number, epsilon: number): number {
  for (let layer = firstExit; layer < entropies.length; layer++) {
    const [before, now] = [entropies[layer - 2]!, entropies[layer - 1]!];
    if (now < theta && Math.abs(now - before) < epsilon) return layer;
  }
  return entropies.length;
}

/** Theta as RKSC sets it: the median, over words, of the entropy at which it first stood still. */
export function thetaOf(words: readonly (readonly number[])[], epsilon: number): number {
  const still = words.map((entropies) => entropies[exitOf(entropies, Infinity, epsilon) - 1]!).sort((a, b) => a - b);
  return still[Math.floor(still.length / 2)] ?? 0;
}
