import type { BudgetMember, Selector } from './budget/types.ts';
import type { ScoreMember, Scorer } from './eviction/types.ts';
import type { Fate, FateMember } from './fate/types.ts';
import { scoreOf, defaultTerms, termOf, termsOf, type LaneSpec, type Term } from './lane-spec.ts';
import { memberOf, type AnyMember } from './members.ts';
import type { Codec, CodecMember } from './quantization/types.ts';
import type { RetrievalMember, Retriever } from './retrieval/types.ts';
import type { Schedule, ScheduleMember } from './schedule/types.ts';

/** What one lane does: a spec made into objects, with whatever they remember. */
export interface Plan {
  readonly spec: LaneSpec;
  readonly scorer: Scorer;
  readonly schedule: Schedule;
  readonly fates: readonly Fate[];
  readonly codec: Codec | undefined;
  readonly retriever: Retriever;
  /** Keeps every token, whatever the budget: the lane may not fit, and says so. */
  readonly keepsAll: boolean;
}

const member = <M extends AnyMember>(term: Term) => memberOf(term.name) as M;

export const makeScorer = (term: Term): Scorer => scorerAround(term, term.terms.map(makeScorer));

/** A rule around others carries what they carry. */
export function scorerAround(term: Term, inner: readonly Scorer[]): Scorer {
  const scorer = member<ScoreMember>(term).make(term.settings, inner);
  if (!inner.some(({ remembers }) => remembers)) return scorer;
  const fork = () =>
    scorerAround(
      term,
      inner.map((one) => one.fork?.() ?? one),
    );
  return { ...scorer, remembers: true, fork };
}

export const makeCodec = (term: Term): Codec =>
  member<CodecMember>(term).make(term.settings, term.terms.map(makeCodec));

export function makePlan(spec: LaneSpec): Plan {
  const one = (role: 'schedule' | 'retrieval') => termsOf(spec, role)[0] ?? termOf(defaultTerms[role]);
  const [codec] = termsOf(spec, 'codec');
  const schedule = one('schedule');
  const retrieval = one('retrieval');
  return {
    spec,
    scorer: makeScorer(scoreOf(spec)),
    schedule: member<ScheduleMember>(schedule).make(schedule.settings),
    fates: termsOf(spec, 'fate').map((term) => member<FateMember>(term).make(term.settings)),
    codec: codec && makeCodec(codec),
    retriever: member<RetrievalMember>(retrieval).make(retrieval.settings),
    keepsAll: member<ScoreMember>(scoreOf(spec)).keepsAll ?? false,
  };
}

/** The same plan for a lane that was forked: what it remembers is its own from now on. */
export const forkPlan = (plan: Plan): Plan => ({
  ...plan,
  scorer: plan.scorer.fork?.() ?? plan.scorer,
  fates: plan.fates.map((fate) => fate.fork?.() ?? fate),
  codec: plan.codec?.fork?.() ?? plan.codec,
  retriever: plan.retriever.fork(),
});

/** The score term with the nearest settings that so many tokens and this budget allow. */
export function fitted(term: Term, seq: number, budget: number): Term {
  const { fit } = member<ScoreMember>(term);
  return {
    ...term,
    settings: fit?.(term.settings, seq, budget) ?? term.settings,
    terms: term.terms.map((inner) => fitted(inner, seq, budget)),
  };
}

/** Whether a term's scores change with the budget. */
export const usesBudget = (term: Term): boolean =>
  (member<ScoreMember>(term).usesBudget?.(term.settings) ?? false) || term.terms.some(usesBudget);

/**
 * The selector of a spec, with a score in it.
 * @param room tokens and budget of a lane, which gets the nearest settings that these allow; as written where it is missing
 */
export function makeSelector(spec: LaneSpec, scorer: Scorer, room?: { seq: number; budget: number }): Selector {
  const term = termsOf(spec, 'budget')[0] ?? termOf(defaultTerms.budget);
  const { fit, make } = member<BudgetMember>(term);
  return make((room && fit?.(term.settings, room.seq, room.budget)) ?? term.settings, scorer);
}
