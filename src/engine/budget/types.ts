import type { LayerView, Learning, Scorer, TensorName } from '../eviction/types.ts';
import type { Member } from '../member.ts';
import type { SettingTable, Settings } from '../settings.ts';

/** For each layer and KV head the entries that stay, ascending. */
export type Kept = readonly (readonly Int32Array[])[];

/** For each layer and KV head [count], higher = keep. */
export type Scores = readonly (readonly Float64Array[])[];

/** "Who gets how much?": spreads a mean budget over layers and heads. */
export interface Selector {
  readonly scorer: Scorer;
  /** Entries that a head of each layer gets on average; rules that look at the budget are told this. The same for all where it is missing. */
  perLayer?(budget: number, layers: readonly LayerView[]): number[];
  /** @param budgets for each layer, entries a head on average; they need not be whole */
  select(scores: Scores, budgets: readonly number[], layers: readonly LayerView[]): Kept;
}

export interface BudgetMember<T extends SettingTable = SettingTable> extends Member<T> {
  readonly role: 'budget';
  /** What it reads beside the scores, as a score states it. */
  readonly needs?: readonly (readonly TensorName[])[];
  /** Products of queries and keys that it works out itself, as a score states them. */
  products?(settings: Settings<T>, seq: number): number;
  /** What it has to learn from a model beforehand, as a score does. */
  readonly learns?: Learning;
  /** The nearest settings that `seq` tokens and a budget allow, for a lane, which must not hold more. */
  fit?(settings: Settings<T>, seq: number, budget: number): Settings<T>;
  make(settings: Settings<T>, inner: Scorer): Selector;
}

export const defineBudget = <const T extends SettingTable>(budget: Omit<BudgetMember<T>, 'role'>): BudgetMember<T> => ({
  ...budget,
  role: 'budget',
});
