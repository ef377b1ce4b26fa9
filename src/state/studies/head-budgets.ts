import { choose } from '../../engine/choose.ts';
import type { Engine } from '../../engine/engine.ts';
import { parseLane } from '../../engine/lane-spec.ts';
import { sharings, type Sharing } from '../../engine/paging/tables.ts';
import { makePlan } from '../../engine/plan.ts';
import { seededPrompt } from '../../engine/prompt.ts';
import { countsOf, entriesWithin, fullBytes } from '../../engine/room.ts';
import { defaultKinds } from '../../engine/world/text.ts';
import { defaultsOf, number, oneOf, type FieldsOf } from '../fields.ts';

/** What decides the picture of heads that compete for room. */
export interface HeadBudgetsView {
  readonly seed: number;
  /** Percent of the full cache's bytes. */
  readonly keep: number;
  /** Percent of an even budget that every head keeps for itself. */
  readonly safeguard: number;
  /** Which heads share a table of blocks. */
  readonly table: Sharing;
}

export const fields = {
  seed: number(7, 0, 4294967295, 1),
  keep: number(25, 5, 95, 5),
  safeguard: number(20, 0, 100, 10),
  table: oneOf<Sharing>('all', sharings),
} as const satisfies FieldsOf<HeadBudgetsView>;

export const asks = ['seed'] as const;

export const headBudgetsView = defaultsOf<HeadBudgetsView>(fields);

/** Tokens of a text; the question stands behind it, as what SnapKV scores by is the last words. */
export const length = 256;

export interface HeadBudgets {
  /** Tokens when the lanes shrink. */
  readonly tokens: number;
  /** Entries of each head, as `packCounts` writes them: for each budget in turn, for each safeguard. */
  readonly counts: string;
}

/** Entries of each head at every place of both sliders, so that they can be dragged without the model. */
export function* run(engine: Engine, { seed }: HeadBudgetsView): Generator<HeadBudgets> {
  const { config, vocabulary } = engine.model;
  const prompt = seededPrompt(vocabulary, seed, { length, kinds: defaultKinds }, 0, 'visible');
  const prepared = engine.prepare(prompt);
  const tokens = prompt.compressedAt;
  const plans = places(fields.safeguard).map((percent) =>
    makePlan(parseLane(`adakv(snapkv,safeguard=${percent / 100})`).spec),
  );
  const counts = places(fields.keep).flatMap((keep) =>
    plans.flatMap((plan) => {
      const bytes = (keep / 100) * fullBytes(config, tokens);
      const budget = entriesWithin(plan, config, keep / 100, tokens);
      return countsOf(choose(plan, config, prepared.views, budget, bytes, prepared.ground.memo).kept);
    }),
  );
  engine.release(prepared);
  yield { tokens, counts: packCounts(counts) };
}

/** Every value that a slider can have. */
export const places = ({ min, max, step }: { min: number; max: number; step: number }): number[] =>
  Array.from({ length: Math.round((max - min) / step) + 1 }, (_, i) => min + i * step);

/** Two digits a number, to base 36: up to 1295. */
export const packCounts = (counts: readonly number[]): string =>
  counts.map((count) => count.toString(36).padStart(2, '0')).join('');

/** Entries of each head at a budget and a safeguard. @returns [layers][kvHeads] */
export function countsAt(
  { counts }: HeadBudgets,
  { keep, safeguard }: Pick<HeadBudgetsView, 'keep' | 'safeguard'>,
  { layers, kvHeads }: { layers: number; kvHeads: number },
): number[][] {
  const place =
    places(fields.keep).indexOf(keep) * places(fields.safeguard).length + places(fields.safeguard).indexOf(safeguard);
  return Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: kvHeads }, (_head, kvHead) => {
      const at = 2 * ((place * layers + layer) * kvHeads + kvHead);
      return parseInt(counts.slice(at, at + 2), 36);
    }),
  );
}
