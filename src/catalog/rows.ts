import type { Claim, Entry, Method } from './schema.ts';
import { phaseWords, type LeverGroup } from './values.ts';

/** What the list, its facets and its pictures need of an entry; small enough to be written into a page sixty times. */
export interface Row extends Pick<
  Method,
  | 'name'
  | 'idea'
  | 'kind'
  | 'levers'
  | 'phases'
  | 'needs'
  | 'worksWith'
  | 'budget'
  | 'lossless'
  | 'reversible'
  | 'granularity'
  | 'buildsOn'
> {
  readonly slug: string;
  readonly date: string | undefined;
  readonly founding: number | undefined;
  /** The claim that stands for the entry in a list: its first. */
  readonly claim: Claim | undefined;
  /** The lane that runs it here. */
  readonly lane: string | undefined;
}

/** The lever that an entry stands under: its first. */
export const leverOf = ({ levers: [first] }: Pick<Row, 'levers'>): LeverGroup => first ?? 'none';

/** When an entry does its work, in words. */
export const actsOf = ({ phases }: Pick<Row, 'phases'>): string =>
  phases.map((phase) => phaseWords[phase]).join(', ') || 'not stated';

export const laneOf = ({ runs }: Method): string | undefined => ('lane' in runs ? runs.lane : undefined);

export function toRow({ id, data }: Entry): Row {
  const { name, idea, kind, levers, phases, needs, worksWith, budget, lossless, reversible, granularity, buildsOn } =
    data;
  return {
    slug: id,
    name,
    idea,
    kind,
    levers,
    phases,
    needs,
    worksWith,
    budget,
    lossless,
    reversible,
    granularity,
    buildsOn,
    date: data.date,
    founding: data.founding,
    claim: data.claims[0],
    lane: laneOf(data),
  };
}

/** What an entry asks for beyond the keys and values, in a few words each; nothing where it asks for nothing. */
export function needsOf({ needs }: Pick<Row, 'needs'>): string[] {
  const { attention, queries, training, secondModel } = needs;
  return [
    attention === 'full'
      ? 'all attention scores'
      : attention === 'window'
        ? 'attention of a window'
        : attention === 'not stated'
          ? 'attention: not stated'
          : '',
    queries === 'yes' && attention === 'none' ? 'queries' : '',
    training === 'calibration'
      ? 'calibration'
      : training === 'full'
        ? 'training'
        : training === 'not stated'
          ? 'training: not stated'
          : '',
    secondModel === 'yes' ? 'a second model' : secondModel === 'partly' ? 'a second model, in part' : '',
  ].filter(Boolean);
}

/** Names without regard to case, so that h2o does not stand after Z. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number => {
  const [x, y] = [a.name.toLowerCase(), b.name.toLowerCase()];
  return x < y ? -1 : Number(x > y);
};
