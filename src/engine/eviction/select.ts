/**
 * The `kept` best positions of each KV head. Among equal scores the lower position wins. NaN counts as -Infinity: a policy that
 * divided by zero loses those tokens, and the choice stays defined.
 *
 * A sorted copy gives the score of the last position kept, and one pass collects what lies above it: this runs on every slider event.
 * @param scores [kvHeads * seq], higher = keep
 * @returns for each KV head, [kept] positions in ascending order
 */
export function select(scores: Float64Array, kvHeads: number, seq: number, kept: number): Int32Array[] {
  if (!(Number.isInteger(kept) && kept >= 0 && kept <= seq))
    throw new Error(`Cannot keep ${kept} of ${seq} positions.`);
  if (scores.length !== kvHeads * seq)
    throw new Error(`There are ${scores.length} scores for ${kvHeads} KV heads of ${seq} positions.`);
  return Array.from({ length: kvHeads }, (_, head) => best(scores.subarray(head * seq, (head + 1) * seq), kept));
}

function best(row: Float64Array, kept: number): Int32Array {
  const positions = new Int32Array(kept);
  if (kept === 0) return positions;
  const ranked = row.map(sortable).sort();
  const threshold = ranked[row.length - kept]!;
  let ties = kept - countAbove(ranked, threshold);
  for (let j = 0, count = 0; count < kept; j++) {
    const score = sortable(row[j]!);
    if (score > threshold || (score === threshold && ties-- > 0)) positions[count++] = j;
  }
  return positions;
}

const sortable = (score: number) => (Number.isNaN(score) ? -Infinity : score);

function countAbove(ascending: Float64Array, threshold: number): number {
  let count = 0;
  while (count < ascending.length && ascending[ascending.length - 1 - count]! > threshold) count++;
  return count;
}

/** How many of `seq` tokens stay when the fraction `ratio` is removed: the double product, cut off towards zero, as kvpress does it. */
export const keptCount = (seq: number, ratio: number) => Math.trunc(seq * (1 - ratio));
