import type { Cause } from '../engine/causes.ts';
import type { Shown } from './compare.ts';

/** What the answer of one lane is owed to; lanes are numbered as in their run. */
export interface LaneCauses {
  readonly lane: number;
  readonly causes: readonly Cause[];
}

/** A run of which more is known than before. */
export const withCauses = (shown: Shown, { lane, causes }: LaneCauses): Shown => ({
  ...shown,
  lanes: shown.lanes.map((one, i) => (i === lane ? { ...one, causes } : one)),
});

/** A run that was done before, as when the page was built: what was known of it still holds. */
export const withCausesOf = (shown: Shown, before: Shown): Shown => ({
  ...shown,
  lanes: shown.lanes.map((one, i) => ({ ...one, causes: one.causes ?? before.lanes[i]?.causes })),
});
