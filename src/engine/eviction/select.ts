/**
 * The `kept` best entries of one KV head. Among equal scores the lower entry wins. NaN counts as -Infinity: a rule that divided by zero
 * loses those entries, and the choice stays defined.
 * @param scores [count], higher = keep
 * @returns [kept] entries in ascending order
 * @throws Error when `kept` is not a whole number from 0 to count
 */
export function best(scores: Float64Array, kept: number): Int32Array {
  const count = scores.length;
  if (!(Number.isInteger(kept) && kept >= 0 && kept <= count))
    throw new Error(`Cannot keep ${kept} of ${count} entries.`);
  const entries = new Int32Array(kept);
  if (kept === 0) return entries;
  const threshold = ranking(scores)[count - kept]!;
  let above = 0;
  for (let j = 0; j < count; j++) above += Number(sortable(scores[j]!) > threshold);
  let ties = kept - above;
  for (let j = 0, at = 0; at < kept; j++) {
    const score = sortable(scores[j]!);
    if (score > threshold || (score === threshold && ties-- > 0)) entries[at++] = j;
  }
  return entries;
}

/** Sorted scores are remembered for as long as the scores live: a reader who drags the budget asks for another cut of the same ones. */
const rankings = new WeakMap<Float64Array, Float64Array>();

function ranking(scores: Float64Array): Float64Array {
  let ranked = rankings.get(scores);
  if (!ranked) rankings.set(scores, (ranked = scores.map(sortable).sort()));
  return ranked;
}

export const sortable = (score: number) => (Number.isNaN(score) ? -Infinity : score);

/** How many of `seq` tokens stay when the fraction `ratio` is removed: the double product, cut off towards zero, as kvpress does it. */
export const keptCount = (seq: number, ratio: number) => Math.trunc(seq * (1 - ratio));
