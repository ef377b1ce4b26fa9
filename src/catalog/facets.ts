import {
  companionNames,
  companions,
  entryKinds,
  leverGroups,
  leverWords,
  marks,
  attentions,
  budgets,
  notLookedUp,
  phases,
  phaseWords,
  serverKeys,
  servers,
  trainings,
  unserved,
  uses,
} from './values.ts';
import { byName, leverOf, type Row } from './rows.ts';

/** One way to divide the catalog. An entry may have several values (levers), and always has at least one. */
export interface Facet {
  readonly title: string;
  readonly values: readonly { readonly id: string; readonly label: string }[];
  of(row: Row): readonly string[];
}

/** In addresses a value is one word: "not stated" is written not-stated. */
const idOf = (value: string) => value.replaceAll(' ', '-');
const plain = (values: readonly string[]) => values.map((value) => ({ id: idOf(value), label: value }));

const marked = (title: string, mark: (row: Row) => string): Facet => ({
  title,
  values: plain(marks),
  of: (row) => [idOf(mark(row))],
});
const one = (title: string, values: readonly string[], value: (row: Row) => string): Facet => ({
  title,
  values: plain(values),
  of: (row) => [idOf(value(row))],
});
const worksWith = (companion: (typeof companions)[number]) =>
  marked(companionNames[companion].facet, (row) => row.worksWith[companion].mark);

/** All facets, in the order in which they stand on the page. The keys are the names in addresses and are never reused. */
export const facets = {
  lever: {
    title: 'Lever',
    values: leverGroups.map((id) => ({ id, label: leverWords[id].name })),
    of: (row) => (row.levers.length ? row.levers : ['none']),
  },
  runs: {
    title: 'Runs here',
    values: [
      { id: 'yes', label: 'yes' },
      { id: 'not-yet', label: 'not yet' },
    ],
    of: (row) => [row.lane || row.figure ? 'yes' : 'not-yet'],
  },
  attention: one('Needs attention scores', attentions, (row) => row.needs.attention),
  training: one('Needs training', trainings, (row) => row.needs.training),
  fused: worksWith('fusedAttention'),
  fits: worksWith('fitsPages'),
  frees: worksWith('freesPages'),
  prefix: worksWith('prefixCaching'),
  gqa: worksWith('gqa'),
  served: {
    title: 'Can be switched on in',
    values: [...serverKeys.map((id) => ({ id, label: servers[id] })), ...plain(unserved)],
    of: (row) => (typeof row.servedBy === 'string' ? [idOf(row.servedBy)] : row.servedBy),
  },
  for: {
    title: 'Made for',
    values: plain([...uses, notLookedUp]),
    of: (row) => (row.madeFor.length ? row.madeFor : [notLookedUp]).map(idOf),
  },
  phase: {
    title: 'When it acts',
    values: [...phases.map((id) => ({ id, label: phaseWords[id] })), { id: 'none', label: 'not stated' }],
    of: (row) => (row.phases.length ? row.phases : ['none']),
  },
  budget: one('Budget', budgets, (row) => row.budget),
  lossless: marked('Lossless', (row) => row.lossless),
  reversible: marked('Reversible', (row) => row.reversible),
  kind: one('Kind', entryKinds, (row) => row.kind),
  founding: {
    title: 'Founding list',
    values: [
      { id: 'yes', label: 'one of the 23' },
      { id: 'no', label: 'a baseline' },
    ],
    of: (row) => [row.founding ? 'yes' : 'no'],
  },
} as const satisfies Readonly<Record<string, Facet>>;

export type FacetKey = keyof typeof facets;
export const facetKeys = Object.keys(facets) as FacetKey[];

/** The chosen values of every facet. Values of one facet are alternatives; facets narrow each other. */
export type Chosen = Readonly<Record<FacetKey, readonly string[]>>;
export type Counts = Readonly<Record<FacetKey, Readonly<Record<string, number>>>>;

export const sorts = ['usual', 'name', 'newest', 'oldest', 'founding'] as const;
export type Sort = (typeof sorts)[number];

const facetOf = (key: FacetKey): Facet => facets[key];

type Values = Readonly<Record<FacetKey, readonly string[]>>;
/** An entry never changes, and each answer asks for its values in every facet. */
const known = new WeakMap<Row, Values>();
function valuesOf(row: Row): Values {
  const values = known.get(row) ?? (Object.fromEntries(facetKeys.map((key) => [key, facetOf(key).of(row)])) as Values);
  known.set(row, values);
  return values;
}

const refuses = (values: Values, key: FacetKey, chosen: Chosen) =>
  !values[key].some((value) => chosen[key].includes(value));

/**
 * The entries that match, and for each value how many there would be if it were the only one of its facet. An entry that one facet alone refuses
 * still counts in that facet, so one pass over the entries is enough.
 */
export function filter(
  rows: readonly Row[],
  chosen: Chosen,
  found?: ReadonlyMap<string, number>,
): { rows: Row[]; counts: Counts } {
  const counts = Object.fromEntries(
    facetKeys.map((key) => [key, Object.fromEntries(facetOf(key).values.map(({ id }) => [id, 0]))]),
  ) as Record<FacetKey, Record<string, number>>;
  const active = facetKeys.filter((key) => chosen[key].length > 0);
  const left: Row[] = [];
  for (const row of rows) {
    if (found && !found.has(row.slug)) continue;
    const values = valuesOf(row);
    const refusing = active.filter((key) => refuses(values, key, chosen));
    if (refusing.length > 1) continue;
    if (!refusing.length) left.push(row);
    for (const key of refusing.length ? refusing : facetKeys)
      for (const value of values[key]) counts[key][value] = (counts[key][value] ?? 0) + 1;
  }
  return { rows: left, counts };
}

/** An entry without a date, or without a number, stands behind those that have one. */
const last = (a: unknown, b: unknown) => Number(a === undefined) - Number(b === undefined);
const byDate = (a: Row, b: Row) => ((a.date ?? '') < (b.date ?? '') ? -1 : Number((a.date ?? '') > (b.date ?? '')));
const leverRank = (row: Row) => leverGroups.indexOf(leverOf(row));

const orders: Readonly<Record<Sort, (a: Row, b: Row) => number>> = {
  usual: (a, b) => leverRank(a) - leverRank(b) || byName(a, b),
  name: byName,
  newest: (a, b) => last(a.date, b.date) || byDate(b, a) || byName(a, b),
  oldest: (a, b) => last(a.date, b.date) || byDate(a, b) || byName(a, b),
  founding: (a, b) => last(a.founding, b.founding) || (a.founding ?? 0) - (b.founding ?? 0) || byName(a, b),
};

/** The usual order is by lever, and by how well it matches while something is searched. */
export function sort(rows: readonly Row[], by: Sort, found?: ReadonlyMap<string, number>): Row[] {
  const score = ({ slug }: Row) => found?.get(slug) ?? 0;
  return [...rows].sort(by === 'usual' && found ? (a, b) => score(b) - score(a) || byName(a, b) : orders[by]);
}
