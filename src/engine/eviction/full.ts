import { defineScore } from './types.ts';

/**
 * The full cache: the ceiling that every other lane is compared with.
 *
 *     s[h, j] = 1
 *
 * It has no opinion on what to drop, so a run never evicts for it. Where a caller selects all the same, every entry ties and the first ones stay.
 */
export const full = defineScore({
  name: 'full',
  entry: 'full-cache',
  caption: { name: 'Full cache', idea: 'everything kept' },
  source: 'the reference line',
  settings: {},
  needs: [[]],
  keepsAll: true,
  make: () => ({ score: ({ counts }) => counts.map((count) => new Float64Array(count).fill(1)) }),
});
