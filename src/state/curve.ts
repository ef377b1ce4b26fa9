import type { Engine } from '../engine/engine.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { rowsMoved } from '../engine/paging/compaction.ts';
import { promptOf } from './compare.ts';
import type { View } from './view.ts';

/** How often one lane was right at one budget, over the texts asked so far. */
export interface CurvePoint {
  readonly lane: string;
  readonly keep: number;
  readonly right: number;
  readonly n: number;
  /** Mean live bytes as a share of the full cache. */
  readonly live: number;
  /** Mean bytes of the blocks that hold them, the same way. */
  readonly allocated: number;
  /** Mean rows that compaction copied; a row is the key and value of an entry. */
  readonly moved: number;
  readonly kl: number;
}

export const curveBudgets = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1] as const;

/** Why a view has no curve, as a sentence: it asks many texts, and a reader's own is one, whose right answer nobody knows. */
export const noCurve = (view: View): string | undefined =>
  view.text
    ? 'A curve asks many generated texts; your own words are one text, and nobody told the right answer.'
    : undefined;

/**
 * Asks one question of each of many texts, at every budget, and yields the tallies after each text. The texts follow the view's seed, so
 * the first of them is the one on the screen; the rest of the view (length, kinds, moment, lanes) stays as it is.
 */
export function* curve(engine: Engine, view: View, seeds: number): Generator<CurvePoint[]> {
  const specs = view.lanes.map((lane) => parseLane(lane).spec);
  const tallies = view.lanes.map((lane) =>
    curveBudgets.map((keep) => ({ lane, keep, right: 0, n: 0, live: 0, allocated: 0, moved: 0, kl: 0 })),
  );
  for (let i = 0; i < seeds; i++) {
    const prompt = promptOf(engine.model.vocabulary, { ...view, seed: (view.seed + i) % 4294967296 });
    const prepared = engine.prepare(prompt);
    for (const [b, keep] of curveBudgets.entries()) {
      engine.compare(prepared, specs, keep).forEach(({ right, bytes, events, kl }, lane) => {
        const tally = tallies[lane]![b]!;
        tally.right += Number(right);
        tally.live += bytes.live / bytes.full;
        tally.allocated += bytes.allocated / bytes.full;
        tally.moved += rowsMoved(events);
        tally.kl += kl;
        tally.n++;
      });
    }
    engine.release(prepared);
    yield tallies.flat().map(({ live, allocated, moved, kl, n, ...tally }) => ({
      ...tally,
      n,
      live: live / n,
      allocated: allocated / n,
      moved: moved / n,
      kl: kl / n,
    }));
  }
}
