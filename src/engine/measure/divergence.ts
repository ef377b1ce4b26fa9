/** @returns log-probabilities [vocabulary] */
export function logSoftmax(logits: Float32Array): Float64Array {
  let highest = -Infinity;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > highest) highest = logits[i]!;
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i]! - highest);
  const shift = highest + Math.log(total);
  const log = new Float64Array(logits.length);
  for (let i = 0; i < logits.length; i++) log[i] = logits[i]! - shift;
  return log;
}

/**
 * KL(full || lane) in nats, of the next token's distributions. Never negative: rounding below 0 is cut off.
 * @param p log-probabilities under the full cache @param lane logits
 */
export function divergence(p: Float64Array, lane: Float32Array): number {
  const q = logSoftmax(lane);
  let kl = 0;
  for (let i = 0; i < p.length; i++) kl += Math.exp(p[i]!) * (p[i]! - q[i]!);
  return Math.max(0, kl);
}

/** The most probable token; of equals the lower id. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** The `count` most probable tokens with their probabilities, best first. */
export function top(logits: Float32Array, count: number): { id: number; probability: number }[] {
  const log = logSoftmax(logits);
  return [...log.keys()]
    .sort((a, b) => log[b]! - log[a]! || a - b)
    .slice(0, count)
    .map((id) => ({ id, probability: Math.exp(log[id]!) }));
}
