import type { Kept, Scores, Selector } from './budget/types.ts';
import type { LayerView, Scorer } from './eviction/types.ts';
import { printTerm, scoreOf, type Term } from './lane-spec.ts';
import type { Config } from './model/config.ts';
import { fitted, makeScorer, makeSelector, scorerAround, usesBudget, type Plan } from './plan.ts';
import { countsOf, planBytes } from './room.ts';

/** Scores by the printed term, the layer and, where it matters, the budget. They hold for one state of one cache. */
export type ScoreMemo = Map<string, Float64Array[]>;

/** What stays, and the room that it was chosen for: entries a head, on average. */
export interface Choice {
  readonly kept: Kept;
  readonly room: number;
}

/**
 * Chooses what stays of every layer and head; nothing is dropped yet.
 * @param budget entries a head, on average
 * @param bytes that the lane may take with what is chosen
 * @param memo of scores that were computed for these views before
 */
export function choose(
  plan: Plan,
  config: Config,
  views: readonly LayerView[],
  budget: number,
  bytes: number,
  memo: ScoreMemo,
): Choice {
  for (let room = budget; ; room = Math.max(0, room - 0.5)) {
    const kept = chooseWithin(plan, views, room, memo);
    // Uneven heads round, and codecs write in groups: where that takes too much, all get a little less.
    if (room <= 0 || planBytes(plan, config, countsOf(kept)) <= bytes + 1e-6) return { kept, room };
  }
}

function chooseWithin(plan: Plan, views: readonly LayerView[], budget: number, memo: ScoreMemo): Kept {
  if (views.every(({ counts }) => counts.every((count) => count <= budget))) return views.map(everything);
  const { selector, budgets, scores } = judge(plan, views, budget, memo);
  return selector.select(scores, budgets, views);
}

interface Judged {
  readonly selector: Selector;
  /** Entries that a head of each layer gets, on average. */
  readonly budgets: readonly number[];
  readonly scores: Scores;
}

/** What a plan's rule says of every entry at a budget, before anything is chosen by it. */
export function judge(plan: Plan, views: readonly LayerView[], budget: number, memo: ScoreMemo): Judged {
  const selector = makeSelector(plan.spec, fitting(plan), { seq: views[0]!.seq, budget });
  const budgets = selector.perLayer?.(budget, views) ?? views.map(() => budget);
  return { selector, budgets, scores: views.map((view, layer) => scoresOf(plan, view, budgets[layer]!, memo)) };
}

/** The plan's rule, with the nearest settings that each call allows: for budgets that ask it about parts of a layer. */
const fitting = ({ spec, scorer }: Plan): Scorer =>
  scorer.remembers
    ? scorer
    : {
        ...(scorer.window !== undefined && { window: scorer.window }),
        score: (view, budget) => makeScorer(fitted(scoreOf(spec), view.seq, budget)).score(view, budget),
      };

const everything = ({ counts }: LayerView) =>
  counts.map((count) => Int32Array.from({ length: count }, (_, entry) => entry));

function scoresOf(plan: Plan, view: LayerView, budget: number, memo: ScoreMemo): Float64Array[] {
  if (plan.scorer.remembers) return plan.scorer.score(view, budget);
  return scoresBy(fitted(scoreOf(plan.spec), view.seq, budget), view, budget, memo);
}

/** A rule that looks at the budget may stand around one that does not: what is inside is remembered on its own. */
function scoresBy(term: Term, view: LayerView, budget: number, memo: ScoreMemo): Float64Array[] {
  const key = `${printTerm(term)} ${view.layer} ${usesBudget(term) ? budget : ''}`;
  let scores = memo.get(key);
  if (!scores) {
    const inner = term.terms.map((one) => ({
      ...makeScorer(one),
      score: (layer: LayerView, room: number) => scoresBy(one, layer, room, layer === view ? memo : new Map()),
    }));
    memo.set(key, (scores = scorerAround(term, inner).score(view, budget)));
  }
  return scores;
}
