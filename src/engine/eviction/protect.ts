/**
 * Gives the first `left` and the last `right` positions of every KV head the highest score of the layer plus one, in place. They then
 * survive whenever the budget reaches that far; in a smaller budget they tie, and `select` keeps the earliest of them.
 * A position that was never scored must hold no more than the others: zero will do for averages of attention.
 * NaN is passed over, so that one bad score does not cost the window its place.
 * @param scores [kvHeads * seq]
 */
export function protect(scores: Float64Array, kvHeads: number, left: number, right: number): Float64Array {
  const seq = scores.length / kvHeads;
  const top = scores.reduce((highest, score) => (score > highest ? score : highest), -Infinity) + 1;
  for (let head = 0; head < kvHeads; head++) {
    const row = scores.subarray(head * seq, (head + 1) * seq);
    row.fill(top, 0, left);
    row.fill(top, seq - right);
  }
  return scores;
}
