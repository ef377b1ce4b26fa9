/** How the figure of a conversation draws what stays. */

/** Runs of kept tokens as strokes of a strip that is one high: token t covers t to t + 1. @param kept a digit 1 for each token that is kept */
export const slotPath = (kept: string): string =>
  [...kept.matchAll(/1+/g)].map(({ index, 0: run }) => `M${index} 0.5h${run.length}`).join('');

/** The same tokens in the first slots, one beside the other. */
export const packedPath = (kept: string): string => slotPath(kept.replaceAll('0', ''));

/** Five washes for the ten steps of what a turn looks at. The weakest two have none, as nearly every word has a little. */
export const washOf = (digit: number): number => (digit < 2 ? 0 : Math.ceil(digit / 2));

/** A line through shares, from left to right at equal distances. @param range the shares at the foot, which is at 1, and at the top, which is at 0 */
export const sharePath = (shares: readonly number[], [low, high]: readonly [number, number]): string =>
  shares.map((share, i) => `${i ? 'L' : 'M'}${i} ${((high - share) / (high - low)).toFixed(4)}`).join('');
