import type { Claim, Entry, Method } from './schema.ts';
import {
  aside,
  asides,
  notLookedUp,
  notStated,
  phaseWords,
  type Aside,
  type LeverGroup,
  type Server,
} from './values.ts';

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
  | 'madeFor'
> {
  readonly slug: string;
  readonly date: string | undefined;
  readonly founding: number | undefined;
  /** The claim that stands for the entry in a list: its first. */
  readonly claim: Claim | undefined;
  /** The software that has it, or why none is named. */
  readonly servedBy: readonly Server[] | Extract<Method['servedBy'], string>;
  /** The lane that runs it here. */
  readonly lane: string | undefined;
  /** The figure that runs it here, where it is no lane. */
  readonly figure: string | undefined;
}

/** The lever that an entry stands under: its first. */
export const leverOf = ({ levers: [first] }: Pick<Row, 'levers'>): LeverGroup => first ?? 'none';

/** The heading of the list that an entry stands under: the lever of a method, or what keeps it apart from methods. */
export const groupOf = (row: Pick<Row, 'levers' | 'kind'>): LeverGroup | Aside =>
  asides.find((name) => (aside[name].kinds as readonly string[]).includes(row.kind)) ?? leverOf(row);

/** When an entry does its work, in words. */
export const actsOf = ({ phases }: Pick<Row, 'phases'>): string =>
  phases.map((phase) => phaseWords[phase]).join(', ') || 'not stated';

/** The year of the first publication, which is all that most citations ask for. */
export const yearOf = ({ date }: { readonly date?: string | undefined }): string | undefined => date?.slice(0, 4);

export const laneOf = ({ runs }: Method): string | undefined => ('lane' in runs ? runs.lane : undefined);

export const figureOf = ({ runs }: Method): string | undefined => ('figure' in runs ? runs.figure : undefined);

export function toRow({ id, data }: Entry): Row {
  const { name, idea, kind, levers, phases, needs, worksWith, budget, lossless, reversible, granularity, buildsOn } =
    data;
  const { servedBy, madeFor } = data;
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
    madeFor,
    servedBy: typeof servedBy === 'string' ? servedBy : servedBy.map(({ server }) => server),
    date: data.date,
    founding: data.founding,
    claim: data.claims[0],
    lane: laneOf(data),
    figure: figureOf(data),
  };
}

/** What a need is called in a list; those that are no need have no name. */
const attentionNeeds: Readonly<Partial<Record<Row['needs']['attention'], string>>> = {
  full: 'all attention scores',
  window: 'attention of a window',
  [notStated]: 'attention: not stated',
  [notLookedUp]: 'attention: not looked up',
};
const trainingNeeds: Readonly<Partial<Record<Row['needs']['training'], string>>> = {
  optional: 'training, if wanted',
  calibration: 'calibration',
  'side module': 'a trained side module',
  full: 'training',
  [notStated]: 'training: not stated',
  [notLookedUp]: 'training: not looked up',
};

/** What an entry asks for beyond the keys and values, in a few words each; nothing where it asks for nothing. */
export function needsOf({ needs }: Pick<Row, 'needs'>): string[] {
  const { attention, queries, training, secondModel } = needs;
  return [
    attentionNeeds[attention],
    queries === 'yes' && attention === 'none' ? 'queries' : '',
    trainingNeeds[training],
    secondModel === 'yes' ? 'a second model' : secondModel === 'partly' ? 'a second model, in part' : '',
  ].filter((need): need is string => Boolean(need));
}

/** Names without regard to case, so that h2o does not stand after Z. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number => {
  const [x, y] = [a.name.toLowerCase(), b.name.toLowerCase()];
  return x < y ? -1 : Number(x > y);
};
