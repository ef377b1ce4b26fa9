/**
 * Gives the first `left` and the last `right` entries of every KV head the highest score of the layer plus a margin, in place; heads may differ in
 * `right`.
 * They then survive whenever the budget reaches that far; in a smaller budget they tie, and the earliest of them stay.
 * An entry that was never scored must hold no more than the others: zero will do for averages of attention.
 * NaN is passed over, so that one bad score does not cost the window its place.
 */
export function protect(
  scores: Float64Array[],
  left: number,
  right: number | readonly number[],
  margin = 1,
): Float64Array[] {
  let top = -Infinity;
  for (const row of scores) for (const score of row) if (score > top) top = score;
  scores.forEach((row, kvHead) => {
    row.fill(top + margin, 0, left);
    row.fill(top + margin, Math.max(0, row.length - (typeof right === 'number' ? right : right[kvHead]!)));
  });
  return scores;
}
