/** What became of each word of a cached text, one character a word, so that a page carries it lightly. */

/** Computed anew. */
export const anew = 'x';

/** Squared distance over squared length from which a kept word counts as off, in four steps. */
const steps = [0.01, 0.05, 0.2, 0.6];

/** x for a word that was computed; for one that was kept, 0 where it is as a full reading would have it, up to 4 where it is another. */
export function marksOf({
  computed,
  off,
}: {
  readonly computed: readonly number[];
  readonly off: ArrayLike<number>;
}): string {
  const fresh = new Set(computed);
  return Array.from(off, (share, word) =>
    fresh.has(word) ? anew : String(steps.filter((step) => share >= step).length),
  ).join('');
}
