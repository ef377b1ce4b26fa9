import { definePolicy } from './types.ts';

/**
 * The full cache: the ceiling that every other lane is compared with.
 *
 *     s[h, j] = 1
 *
 * It has no opinion on what to drop, so a run never evicts for it. Where a caller selects all the same, every position ties and the first ones stay.
 */
export const full = definePolicy({
  name: 'full',
  settings: {},
  needs: [[]],
  keepsAll: true,
  score: ({ kvHeads, seq }) => new Float64Array(kvHeads * seq).fill(1),
});
