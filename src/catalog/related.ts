import { byName } from './rows.ts';
import type { Entry, Method } from './schema.ts';

/** Entries that belong to another one, each with the reason why. */
export interface Relation<E extends Entry> {
  readonly title: string;
  readonly entries: readonly E[];
}

type Kind = 'buildsOn' | 'comparedWith' | 'confusedWith';

/** Relations of an entry in both directions: who is compared or confused with it need not be said in both files. */
export function relationsOf<E extends Entry>({ id, data }: Entry, all: readonly E[]): Relation<E>[] {
  const named = (kind: Kind) => all.filter((other) => data[kind].includes(other.id));
  const naming = (kind: Kind) => all.filter((other) => (other.data as Method)[kind].includes(id));
  const both = (kind: Kind) => [...new Set([...named(kind), ...naming(kind)])].sort((a, b) => byName(a.data, b.data));
  return [
    { title: 'Builds on', entries: named('buildsOn') },
    { title: 'Built upon by', entries: naming('buildsOn') },
    { title: 'Compared with', entries: both('comparedWith') },
    { title: 'Easily confused with', entries: both('confusedWith') },
  ].filter(({ entries }) => entries.length > 0);
}
